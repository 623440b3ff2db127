package io.kelp.oci.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes POSIX tar archives that depend on nothing but their content: no times, no owners. */
public final class TarWriter {

    private static final int BLOCK = 512;

    private final OutputStream out;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    public void folder(String name) throws IOException {
        header(name + "/", '5', 0, "0000755");
    }

    public void file(String name, byte[] content) throws IOException {
        header(name, '0', content.length, "0000644");
        out.write(content);
        pad(content.length);
    }

    /** @param size bytes that {@code content} has @throws IOException also when it has more or fewer */
    public void file(String name, long size, InputStream content) throws IOException {
        header(name, '0', size, "0000644");
        if (content.transferTo(out) != size) {
            throw new IOException(name + " changed while it was read");
        }
        pad(size);
    }

    /** Two blocks of zeros. */
    public void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private void header(String name, char type, long size, String mode) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        boolean extended = bytes.length > 100 || bytes.length != name.length() || size >= 1L << 33;
        if (extended) {
            byte[] pax = (record("path", name) + record("size", Long.toString(size))).getBytes(StandardCharsets.UTF_8);
            block("PaxHeader", 'x', pax.length, "0000644");
            out.write(pax);
            pad(pax.length);
        }
        block(extended ? "long-name" : name, type, size >= 1L << 33 ? 0 : size, mode);
    }

    /** The length in front counts itself (POSIX pax). */
    private static String record(String key, String value) {
        String rest = " " + key + "=" + value + "\n";
        int bytes = rest.getBytes(StandardCharsets.UTF_8).length;
        int length = bytes + Integer.toString(bytes).length();
        if (Integer.toString(length).length() > Integer.toString(bytes).length()) {
            length++;
        }
        return length + rest;
    }

    private void block(String name, char type, long size, String mode) throws IOException {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, mode);
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format("%011o", size));
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 257, "ustar\00000");
        long sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        out.write(header);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }
}
