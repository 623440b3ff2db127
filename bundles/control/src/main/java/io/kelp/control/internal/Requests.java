package io.kelp.control.internal;

import io.kelp.control.ControlCommand.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The files by which {@code bin/kelp} and the gateway talk, in the private folder {@code kelp.run}
 * (what each one is for stands at the head of {@code bin/kelp}). Nothing here blocks, also when
 * the caller has gone.
 */
final class Requests {

    private static final Pattern ID = Pattern.compile("[0-9]{1,10}\\.[0-9]{1,12}\\.?[0-9]{0,4}");
    private static final int MAX_REQUEST_BYTES = 65 * 4097;
    private static final int MAX_ANSWER_CHARS = 4_000_000;
    private static final long LITTER_NANOS = 60_000_000_000L;

    private final Path folder;
    private final LongSupplier nanos;
    private final Map<String, Long> firstSeen = new HashMap<>(); // one thread at a time tidies

    /** @param nanos monotonic clock: the wall clock may jump by years while a request is on its way */
    Requests(Path folder, LongSupplier nanos) {
        this.folder = folder;
        this.nanos = nanos;
    }

    static boolean isId(String line) {
        return ID.matcher(line).matches();
    }

    /** Reads the words of a request. */
    List<String> words(String id) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file(id, ".args"), LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(MAX_REQUEST_BYTES + 1);
        }
        if (bytes.length > MAX_REQUEST_BYTES) {
            throw new IOException("more than " + MAX_REQUEST_BYTES + " bytes");
        }
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                words.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        if (start != bytes.length) {
            throw new IOException("the last word has no end");
        }
        return words;
    }

    /** Leaves the answer and wakes the caller. */
    void answer(String id, Result result) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : result.lines()) {
            if (text.length() + line.length() > MAX_ANSWER_CHARS) {
                text.append("… (cut)\n");
                break;
            }
            text.append(printable(line)).append('\n');
        }
        Path done = file(id, ".done");
        if (!Files.readAttributes(done, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException(done + " is no FIFO");
        }
        Files.writeString(file(id, ".out"), text);
        // Opened for both, so that neither opening nor writing waits for a reader that has gone.
        try (FileChannel fifo = FileChannel.open(done, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            fifo.write(ByteBuffer.wrap((result.exitCode() + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** What devices and peers say is in many lines; it must neither break one nor do anything to the terminal. */
    private static String printable(String line) {
        if (line.chars().noneMatch(Requests::isControl)) {
            return line;
        }
        StringBuilder text = new StringBuilder(line.length() + 16);
        line.chars().forEach(c -> {
            if (!isControl(c)) {
                text.append((char) c);
            } else {
                text.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return text.toString();
    }

    /** Controls but the tab, separators of lines, and what turns the direction of a text round (Unicode UAX 9). */
    private static boolean isControl(int c) {
        return Character.isISOControl(c) && c != '\t' || c == 0x2028 || c == 0x2029 || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
    }

    /** Removes what callers that were killed have left behind: what it has seen for a minute. */
    void tidy() throws IOException {
        Set<String> present = new HashSet<>();
        long now = nanos.getAsLong();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{args,out,done}")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (isId(name.substring(0, name.lastIndexOf('.')))) {
                    present.add(name);
                    if (now - firstSeen.computeIfAbsent(name, n -> now) > LITTER_NANOS) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
        firstSeen.keySet().retainAll(present);
    }

    private Path file(String id, String suffix) {
        return folder.resolve(id + suffix);
    }
}
