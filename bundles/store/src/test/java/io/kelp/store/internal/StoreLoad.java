package io.kelp.store.internal;

import io.kelp.store.Durability;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Child process: writes without pause, several writes outstanding, and tells every acknowledged
 * one in a line {@code collection key version}. Arguments: home, acknowledgements (file, or - for
 * standard output), seed, writes (0: until killed), settings as key=value.
 */
final class StoreLoad {

    static final int KEYS = 40;
    static final String POWER = "load.power";
    static final String PROCESS = "load.process";
    static final String PAIR = "load.pair";

    private StoreLoad() {}

    /** The record of a version; its length varies so that pages split and merge. */
    static String record(String key, long version) {
        return key + ":" + version + ":" + "x".repeat((int) ((version * 31 + key.hashCode() & 0x7fff) % 700));
    }

    /** @throws AssertionError when the record is none that the load has written */
    static long version(String key, String record) {
        long version = Long.parseLong(record.split(":", 3)[1]);
        if (!record(key, version).equals(record)) {
            throw new AssertionError("record of " + key + " was never written: " + record);
        }
        return version;
    }

    public static void main(String[] args) throws Exception {
        var set = new HashMap<String, String>();
        for (int i = 4; i < args.length; i++) {
            String[] pair = args[i].split("=");
            set.put(pair[0], pair[1]);
        }
        LocalStore store = Stores.open(Path.of(args[0]), set);
        OutputStream acks = args[1].equals("-") ? System.out : new FileOutputStream(args[1], true);
        var random = new Random(Long.parseLong(args[2]));
        long writes = Long.parseLong(args[3]);
        var power = store.collection(POWER, Stores.TEXT, Durability.POWER);
        var process = store.collection(PROCESS, Stores.TEXT, Durability.PROCESS);
        var pair = store.collection(PAIR, Stores.TEXT, Durability.POWER);
        long version = base(power.snapshot(), process.snapshot(), pair.snapshot());
        var outstanding = new Semaphore(20);
        var failures = new AtomicInteger();
        for (long i = 0; writes == 0 || i < writes; i++) {
            version++;
            outstanding.acquire();
            String key = "k" + random.nextInt(KEYS);
            long v = version;
            int kind = random.nextInt(10);
            String collection = kind < 5 ? PROCESS : kind < 9 ? POWER : PAIR;
            var stage = switch (collection) {
                case PROCESS -> process.put(key, record(key, v));
                case POWER -> power.put(key, record(key, v));
                default -> pair.apply(Map.of("a", record("a", v), "b", record("b", v)));
            };
            String line = collection + " " + (collection.equals(PAIR) ? "a" : key) + " " + v + "\n";
            stage.whenComplete((done, failure) -> {
                if (failure != null) {
                    failures.incrementAndGet();
                } else {
                    tell(acks, line);
                }
                outstanding.release();
            });
        }
        outstanding.acquire(20);
        store.close();
        System.exit(failures.get() == 0 ? 0 : 3);
    }

    private static void tell(OutputStream acks, String line) {
        try {
            synchronized (acks) {
                acks.write(line.getBytes(StandardCharsets.UTF_8));
                acks.flush();
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @SafeVarargs
    private static long base(Map<String, String>... found) {
        long highest = 0;
        for (Map<String, String> records : found) {
            for (var entry : records.entrySet()) {
                highest = Math.max(highest, version(entry.getKey(), entry.getValue()));
            }
        }
        return highest + 1000;
    }
}
