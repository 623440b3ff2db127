package io.kelp.cloud.standalone;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Looks into the log that a killed process has left (https://www.sqlite.org/fileformat.html, 4). SQLite takes it up to the
 * first frame that is not right and forgets the rest, which is how a commit in the making ends. But a transaction begins
 * only after the one before was synced: when whole transactions follow the wrong frame, the log was damaged later.
 */
final class WriteAheadLog {

    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int MAGIC = 0x377f0682;
    private static final int MAX_PAGE = 65536;

    private final FileChannel channel;
    private final ByteOrder order;
    private final int pageSize;
    private final long salts;
    private int first; // the checksum so far
    private int second;

    private WriteAheadLog(FileChannel channel, ByteBuffer header) {
        this.channel = channel;
        this.order = (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        this.pageSize = header.getInt(8);
        this.salts = header.getLong(16);
        sum(header, 0, 24);
    }

    /** Whether commits are in the log that SQLite will not find. */
    static boolean hidesCommits(Path log) throws IOException {
        if (!Files.exists(log)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
            ByteBuffer header = read(channel, 0, HEADER);
            if (header == null) {
                return false; // not even the first commit was begun
            }
            int pageSize = header.getInt(8);
            boolean sound = (header.getInt(0) & ~1) == MAGIC && pageSize >= 512 && pageSize <= MAX_PAGE && Integer.bitCount(pageSize) == 1;
            WriteAheadLog reader = sound ? new WriteAheadLog(channel, header) : null;
            if (reader == null || reader.first != header.getInt(24) || reader.second != header.getInt(28)) {
                // The header is synced before the first frame is written.
                return channel.size() > HEADER + FRAME_HEADER;
            }
            return reader.hidesCommits();
        }
    }

    private boolean hidesCommits() throws IOException {
        int frameSize = FRAME_HEADER + pageSize;
        boolean wrong = false;
        boolean ended = false;
        long position = HEADER;
        for (ByteBuffer frame = read(channel, position, frameSize); frame != null; frame = read(channel, position, frameSize)) {
            boolean ours = frame.getLong(8) == salts;
            if (!wrong) {
                sum(frame, 0, 8);
                sum(frame, FRAME_HEADER, pageSize);
                wrong = !ours || first != frame.getInt(16) || second != frame.getInt(20);
            } else if (ended && ours) {
                return true;
            }
            ended |= wrong && ours && frame.getInt(4) != 0; // the last frame of a transaction
            position += frameSize;
        }
        return false;
    }

    private void sum(ByteBuffer bytes, int from, int length) {
        ByteBuffer words = bytes.duplicate().order(order);
        for (int i = from; i < from + length; i += 8) {
            first += words.getInt(i) + second;
            second += words.getInt(i + 4) + first;
        }
    }

    /** @return {@code null} when the file ends before */
    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                return null;
            }
        }
        return bytes.flip();
    }
}
