package io.kelp.oci.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads tar archives as image builders write them: POSIX ustar and pax, GNU long names, the old form. Reads within limits
 * and forwards only.
 *
 * <p>Own code rather than a library: the usual one has 1 MB, more than all our bundles for this, and reads a
 * dozen other formats that would have to be kept out.
 */
final class TarReader {

    enum Type { FILE, DIRECTORY, SYMLINK, HARDLINK, DEVICE, OTHER }

    /**
     * @param name as it stands in the archive
     * @param size of the content that {@link #content} gives
     * @param link target of a link, else empty
     * @param sparse whether the content is not the file's, but parts of it
     */
    record Entry(String name, Type type, long size, String link, boolean sparse) {}

    private static final int BLOCK = 512;
    private static final int MAX_PATH = 4096;
    private static final int MAX_PAX = 64 << 10;

    private final InputStream in;
    private final int maxEntries;
    private final byte[] header = new byte[BLOCK];
    private final byte[] scratch = new byte[8192];
    private int entries;
    private long position;
    private long left;
    private int padding;

    /** @param in archive without compression; not closed here */
    TarReader(InputStream in, int maxEntries) {
        this.in = in;
        this.maxEntries = maxEntries;
    }

    /** The next entry, {@code null} after the last. */
    Entry next() throws IOException {
        Map<String, String> pax = new HashMap<>();
        String longName = null;
        String longLink = null;
        while (true) {
            skip(left + padding);
            left = 0;
            padding = 0;
            if (!readHeader()) {
                return null;
            }
            if (++entries > maxEntries) {
                throw new MalformedImageException("an archive has more than " + maxEntries + " entries");
            }
            long size = number(124, 12);
            char flag = (char) (header[156] & 0xff);
            switch (flag) {
                case 'x' -> readPax(extension(size, MAX_PAX), pax);
                case 'g' -> extension(size, MAX_PAX); // global headers hold comments; nothing for a single file may come from there
                case 'L' -> longName = terminated(extension(size, MAX_PATH + 1));
                case 'K' -> longLink = terminated(extension(size, MAX_PATH + 1));
                default -> {
                    return entry(flag, size, pax, longName, longLink);
                }
            }
        }
    }

    private Entry entry(char flag, long headerSize, Map<String, String> pax, String longName, String longLink) throws IOException {
        String name = pax.getOrDefault("path", longName != null ? longName : headerName());
        String link = pax.getOrDefault("linkpath", longLink != null ? longLink : text(157, 100));
        long size = headerSize;
        if (pax.containsKey("size")) {
            try {
                size = Long.parseLong(pax.get("size"));
            } catch (NumberFormatException e) {
                throw new MalformedImageException("an archive has a pax header with a size that is no number", e);
            }
        }
        if (name.isEmpty() || name.length() > MAX_PATH || link.length() > MAX_PATH || name.indexOf('\0') >= 0 || link.indexOf('\0') >= 0) {
            throw new MalformedImageException("an archive has a path that is empty, longer than " + MAX_PATH + " or not to be read");
        }
        Type type = switch (flag) {
            case '0', '\0', '7', 'S' -> name.endsWith("/") ? Type.DIRECTORY : Type.FILE;
            case '1' -> Type.HARDLINK;
            case '2' -> Type.SYMLINK;
            case '3', '4', '6' -> Type.DEVICE;
            case '5' -> Type.DIRECTORY;
            default -> Type.OTHER;
        };
        if (type != Type.FILE && type != Type.OTHER) {
            size = 0; // what a header of these says of a size means no content (as Go's archive/tar)
        }
        if (size < 0) {
            throw new MalformedImageException("an archive has an entry of negative size");
        }
        left = size;
        padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
        boolean sparse = flag == 'S' || pax.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."));
        return new Entry(name, type, size, link, sparse);
    }

    /** Where in the archive the content of the entry begins that was returned last. */
    long position() {
        return position;
    }

    /** Content of the entry that was returned last. */
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (left == 0 || length == 0) {
                    return length == 0 ? 0 : -1;
                }
                int n = in.read(buffer, offset, (int) Math.min(length, left));
                if (n < 0) {
                    throw new EOFException("an archive ends in the middle of an entry");
                }
                left -= n;
                position += n;
                return n;
            }
        };
    }

    /** False at the end of the archive: two blocks of zeros, or nothing more. */
    private boolean readHeader() throws IOException {
        int n = in.readNBytes(header, 0, BLOCK);
        position += n;
        if (n == 0) {
            return false;
        }
        if (n < BLOCK) {
            throw new EOFException("an archive ends in the middle of a header");
        }
        long unsigned = 0;
        long signed = 0;
        boolean zero = true;
        for (int i = 0; i < BLOCK; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : header[i];
            unsigned += b & 0xff;
            signed += b;
            zero &= header[i] == 0;
        }
        if (zero) {
            return false;
        }
        long expected = number(148, 8);
        if (expected != unsigned && expected != signed) {
            throw new MalformedImageException("an archive has a damaged header");
        }
        return true;
    }

    private String headerName() {
        String name = text(0, 100);
        boolean ustar = text(257, 5).equals("ustar") && header[262] == 0;
        String prefix = ustar ? text(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private String text(int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    /** Octal digits, or base 256 when the first bit is set. */
    private long number(int from, int length) throws MalformedImageException {
        long value = 0;
        if ((header[from] & 0x80) != 0) {
            for (int i = from; i < from + length; i++) {
                int b = i == from ? header[i] & 0x7f : header[i] & 0xff;
                if (value > Long.MAX_VALUE >> 8) {
                    throw new MalformedImageException("an archive has a number that is too large");
                }
                value = value << 8 | b;
            }
            return value;
        }
        int i = from;
        while (i < from + length && header[i] == ' ') {
            i++;
        }
        for (; i < from + length && header[i] != 0 && header[i] != ' '; i++) {
            if (header[i] < '0' || header[i] > '7') {
                throw new MalformedImageException("an archive has a header that is none");
            }
            value = value << 3 | header[i] - '0';
        }
        return value;
    }

    private byte[] extension(long size, int limit) throws IOException {
        if (size > limit) {
            throw new MalformedImageException("an archive has a name or pax header of " + size + " bytes, permitted are " + limit);
        }
        byte[] data = in.readNBytes((int) size);
        if (data.length < size) {
            throw new EOFException("an archive ends in the middle of a header");
        }
        position += size;
        skip((BLOCK - size % BLOCK) % BLOCK);
        return data;
    }

    private static String terminated(byte[] data) {
        int end = 0;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        return new String(data, 0, end, StandardCharsets.UTF_8);
    }

    /** Records {@code "length key=value\n"}, where length counts the whole record (POSIX pax). */
    private static void readPax(byte[] data, Map<String, String> into) throws MalformedImageException {
        int at = 0;
        while (at < data.length) {
            int length = 0;
            int digits = at;
            while (digits < data.length && data[digits] >= '0' && data[digits] <= '9' && length <= MAX_PAX) {
                length = length * 10 + data[digits++] - '0';
            }
            int end = at + length;
            if (digits == at || digits >= data.length || data[digits] != ' ' || end > data.length || end <= digits + 1 || data[end - 1] != '\n') {
                throw new MalformedImageException("an archive has a pax header that is none");
            }
            String record = new String(data, digits + 1, end - digits - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals <= 0) {
                throw new MalformedImageException("an archive has a pax header that is none");
            }
            into.put(record.substring(0, equals), record.substring(equals + 1));
            at = end;
        }
    }

    /** Reads over it: the stream may compute a digest of all that is read. */
    private void skip(long count) throws IOException {
        for (long todo = count; todo > 0;) {
            int n = in.read(scratch, 0, (int) Math.min(scratch.length, todo));
            if (n < 0) {
                throw new EOFException("an archive ends in the middle of an entry");
            }
            todo -= n;
        }
        position += count;
    }
}
