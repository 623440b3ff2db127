package io.kelp.oci.internal;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A tar archive on the disk whose entries are read where they lie. For one thread. */
final class ArchiveFile implements BlobSource, AutoCloseable {

    private static final int MAX_LINKS = 8;
    private static final int CHUNK = 64 << 10;

    private record Span(long offset, long size, String link) {}

    private final FileChannel channel;
    private final Map<String, Span> entries = new HashMap<>();
    /** Names of blobs that go by another name than their digest. */
    private final Map<String, String> names = new HashMap<>();

    /** @param file archive without compression */
    ArchiveFile(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), CHUNK)) {
            TarReader tar = new TarReader(in, LayerReader.MAX_ENTRIES);
            for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                String name = normal("", entry.name());
                switch (entry.type()) {
                    case FILE -> entries.put(name, new Span(tar.position(), entry.size(), ""));
                    case HARDLINK -> entries.put(name, new Span(0, 0, normal("", entry.link())));
                    case SYMLINK -> entries.put(name, new Span(0, 0, normal(name.substring(0, name.lastIndexOf('/') + 1), entry.link())));
                    default -> { }
                }
            }
        } catch (EOFException e) {
            throw new MalformedImageException("the archive is cut off", e);
        }
        channel = FileChannel.open(file);
    }

    /** Path without dots; what would lead out leads nowhere. */
    private static String normal(String folder, String path) {
        List<String> parts = new ArrayList<>();
        for (String part : (folder + path).split("/")) {
            if (part.equals("..")) {
                if (parts.isEmpty()) {
                    return "";
                }
                parts.remove(parts.size() - 1);
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    private Optional<Span> span(String name) {
        Span span = entries.get(name);
        for (int links = 0; span != null && !span.link.isEmpty(); links++) {
            span = links == MAX_LINKS ? null : entries.get(span.link);
        }
        return Optional.ofNullable(span);
    }

    /** A small entry; empty if there is none. */
    Optional<byte[]> read(String name, int limit) throws IOException {
        Optional<Span> span = span(normal("", name));
        if (span.isEmpty()) {
            return Optional.empty();
        }
        if (span.get().size > limit) {
            throw new MalformedImageException(name + " of the archive has " + span.get().size + " bytes, permitted are " + limit);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) span.get().size);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, span.get().offset + bytes.position()) < 0) {
                throw new MalformedImageException("the archive is cut off");
            }
        }
        return Optional.of(bytes.array());
    }

    /** Describes an entry by its content; from then on it is a blob of this archive. */
    Descriptor describe(String name, String mediaType) throws IOException {
        Span span = span(normal("", name)).orElseThrow(() -> new MalformedImageException("the archive lacks its part " + name));
        try (DigestOutputStream digest = new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.start())) {
            copy(span, digest);
            Descriptor descriptor = new Descriptor(mediaType, Sha256.end(digest.getMessageDigest()), span.size);
            names.put(descriptor.digest(), normal("", name));
            return descriptor;
        }
    }

    @Override
    public byte[] small(Descriptor blob, int limit) throws IOException {
        byte[] bytes = read(name(blob), limit).orElseThrow(() -> new MalformedImageException("the archive lacks " + blob.digest()));
        if (!Sha256.of(bytes).equals(blob.digest())) {
            throw new MalformedImageException("what the archive has for " + blob.digest() + " is something else");
        }
        return bytes;
    }

    @Override
    public void download(Descriptor blob, Path file, Consumer<Long> progress) throws IOException {
        Span span = span(name(blob)).orElseThrow(() -> new MalformedImageException("the archive lacks " + blob.digest()));
        if (span.size != blob.size()) {
            throw new MalformedImageException(blob.digest() + " has " + span.size + " bytes in the archive, " + blob.size() + " by its manifest");
        }
        String digest;
        try (DigestOutputStream out = new DigestOutputStream(new StorageOutput(Files.newOutputStream(file)), Sha256.start())) {
            copy(span, out);
            digest = Sha256.end(out.getMessageDigest());
        }
        if (!digest.equals(blob.digest())) {
            throw new MalformedImageException("what the archive has for " + blob.digest() + " is something else");
        }
    }

    private String name(Descriptor blob) {
        return names.getOrDefault(blob.digest(), "blobs/sha256/" + Sha256.hex(blob.digest()));
    }

    private void copy(Span span, OutputStream out) throws IOException {
        channel.position(span.offset);
        InputStream in = Channels.newInputStream(channel);
        byte[] chunk = new byte[CHUNK];
        for (long left = span.size; left > 0;) {
            int n = in.read(chunk, 0, (int) Math.min(chunk.length, left));
            if (n < 0) {
                throw new MalformedImageException("the archive is cut off");
            }
            out.write(chunk, 0, n);
            left -= n;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
