package io.kelp.store.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The shim's log: everything that changed a disk, and the disks that a power cut may leave of it. */
final class RecordedDisk {

    private static final int SECTOR = 512;

    private record Operation(char kind, long inode, long offset, byte[] data, String path, String target) {}

    /** The content of a file; grows in place. */
    private static final class Image {
        private byte[] bytes = new byte[0];
        private int length;

        Image copy() {
            var copy = new Image();
            copy.bytes = Arrays.copyOf(bytes, length);
            copy.length = length;
            return copy;
        }

        byte[] content() {
            return Arrays.copyOf(bytes, length);
        }

        void apply(Operation op) {
            apply(op, op.data() == null ? 0 : op.data().length);
        }

        void apply(Operation op, int count) {
            int end = (int) op.offset() + count;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
            }
            if (op.kind() == 'T') {
                if (end < length) {
                    Arrays.fill(bytes, end, length, (byte) 0);
                }
                length = end;
            } else {
                System.arraycopy(op.data(), 0, bytes, (int) op.offset(), count);
                length = Math.max(length, end);
            }
        }
    }

    private final List<Operation> operations = new ArrayList<>();

    static RecordedDisk read(Path log) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.nativeOrder());
        var disk = new RecordedDisk();
        while (in.hasRemaining()) {
            char kind = (char) in.get();
            disk.operations.add(switch (kind) {
                case 'O' -> new Operation(kind, in.getLong(), 0, null, path(in), null);
                case 'W' -> new Operation(kind, in.getLong(), in.getLong(), bytes(in), null, null);
                case 'T' -> new Operation(kind, in.getLong(), in.getLong(), null, null, null);
                case 'S' -> new Operation(kind, in.getLong(), 0, null, null, null);
                case 'D' -> new Operation(kind, 0, 0, null, null, null);
                case 'U' -> new Operation(kind, 0, 0, null, path(in), null);
                case 'R' -> new Operation(kind, 0, 0, null, path(in), path(in));
                default -> throw new IOException("log out of step at " + in.position());
            });
        }
        return disk;
    }

    int size() {
        return operations.size();
    }

    /**
     * Makes the disk of a cut after so many operations.
     *
     * @param witness a file that is not part of the disk: its whole content at that point is the answer
     */
    byte[] cut(int point, Random random, Path target, String witness) throws IOException {
        Map<Long, Image> synced = new HashMap<>();
        Map<Long, List<Operation>> waiting = new HashMap<>();
        Map<String, Long> names = new HashMap<>();
        List<Operation> namesWaiting = new ArrayList<>();
        long witnessInode = -1;
        for (Operation op : operations.subList(0, point)) {
            switch (op.kind()) {
                case 'O' -> {
                    if (op.path().equals(witness)) {
                        witnessInode = op.inode();
                    }
                    namesWaiting.add(op);
                }
                case 'W', 'T' -> waiting.computeIfAbsent(op.inode(), i -> new ArrayList<>()).add(op);
                case 'S' -> {
                    Image image = synced.computeIfAbsent(op.inode(), i -> new Image());
                    waiting.getOrDefault(op.inode(), List.of()).forEach(image::apply);
                    waiting.remove(op.inode());
                }
                case 'D' -> {
                    namesWaiting.forEach(each -> apply(names, each));
                    namesWaiting.clear();
                }
                default -> namesWaiting.add(op);
            }
        }
        byte[] answer = witnessInode < 0 ? new byte[0] : whole(witnessInode, synced, waiting);
        int namesKept = namesWaiting.isEmpty() ? 0 : random.nextInt(namesWaiting.size() + 1);
        namesWaiting.subList(0, namesKept).forEach(each -> apply(names, each));
        for (var name : names.entrySet()) {
            if (name.getKey().equals(witness) || name.getKey().contains("/")) {
                continue;
            }
            Image image = synced.getOrDefault(name.getValue(), new Image()).copy();
            for (Operation each : waiting.getOrDefault(name.getValue(), List.of())) {
                int keep = random.nextInt(4);
                if (keep == 0) {
                    continue; // lost
                }
                int length = each.data() == null ? 0 : each.data().length;
                if (keep == 1 && length > SECTOR) {
                    length = SECTOR * (1 + random.nextInt(length / SECTOR)); // torn
                    length = Math.min(length, each.data().length);
                }
                image.apply(each, length);
            }
            Files.write(target.resolve(name.getKey()), image.content());
        }
        return answer;
    }

    static void deleteTree(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static byte[] whole(long inode, Map<Long, Image> synced, Map<Long, List<Operation>> waiting) {
        Image image = synced.getOrDefault(inode, new Image()).copy();
        waiting.getOrDefault(inode, List.of()).forEach(image::apply);
        return image.content();
    }

    private static void apply(Map<String, Long> names, Operation op) {
        switch (op.kind()) {
            case 'O' -> names.put(op.path(), op.inode());
            case 'U' -> names.remove(op.path());
            default -> {
                Long inode = names.remove(op.path());
                if (inode != null) {
                    names.put(op.target(), inode);
                }
            }
        }
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[(int) in.getLong()];
        in.get(bytes);
        return bytes;
    }

    private static String path(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }
}
