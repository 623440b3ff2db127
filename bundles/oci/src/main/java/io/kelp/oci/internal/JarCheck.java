package io.kelp.oci.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Whether a file is a jar that can be opened without harm. Signatures and classes are not looked at. */
final class JarCheck {

    private static final int END_RECORD = 22;
    private static final int MAX_COMMENT = 0xffff;
    private static final int MAX_ENTRIES = 0xffff;
    /** The list of entries is read into memory as a whole by whoever opens the jar. */
    private static final int MAX_DIRECTORY = 8 << 20;

    private JarCheck() {}

    /**
     * @param name for the message
     * @param maxBytes permitted for all entries together, unpacked
     */
    static void check(String name, Path file, long maxBytes) throws IOException {
        checkDirectory(name, file);
        long sum = 0;
        boolean empty = true;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
                ZipEntry entry = e.nextElement();
                empty = false;
                sum += Math.max(0, entry.getSize());
                if (sum > maxBytes || sum < 0) {
                    throw new MalformedImageException(name + " takes more than " + maxBytes + " bytes unpacked");
                }
            }
        } catch (ZipException e) {
            throw new MalformedImageException(name + " is no jar: " + e.getMessage(), e);
        }
        if (empty) {
            throw new MalformedImageException(name + " is an empty jar");
        }
    }

    /** Looks at the end record before anything is read into memory. */
    private static void checkDirectory(String name, Path file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long length = in.length();
            byte[] tail = new byte[(int) Math.min(length, END_RECORD + MAX_COMMENT)];
            in.seek(length - tail.length);
            in.readFully(tail);
            for (int at = tail.length - END_RECORD; at >= 0; at--) {
                if (tail[at] == 'P' && tail[at + 1] == 'K' && tail[at + 2] == 5 && tail[at + 3] == 6
                        && at + END_RECORD + (tail[at + 20] & 0xff | (tail[at + 21] & 0xff) << 8) == tail.length) {
                    long size = little(tail, at + 12);
                    int count = tail[at + 10] & 0xff | (tail[at + 11] & 0xff) << 8;
                    if (size > MAX_DIRECTORY || count >= MAX_ENTRIES) {
                        throw new MalformedImageException(name + " has a list of entries of " + size + " bytes, permitted are " + MAX_DIRECTORY
                                + " and " + (MAX_ENTRIES - 1) + " entries");
                    }
                    return;
                }
            }
        }
        throw new MalformedImageException(name + " is no jar: a zip file ends with a list of its entries, this one does not");
    }

    private static long little(byte[] bytes, int at) {
        return bytes[at] & 0xffL | (bytes[at + 1] & 0xffL) << 8 | (bytes[at + 2] & 0xffL) << 16 | (bytes[at + 3] & 0xffL) << 24;
    }
}
