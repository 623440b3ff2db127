package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/**
 * Child process that writes without pause from several threads, and tells of each acknowledged change in a line
 * {@code R REVISION KEY SIZE}, size -1 for a deletion. Arguments: file, seed. Ends with the first refusal of the disk, saying it.
 */
final class StoreLoad {

    static final int THREADS = 6;
    static final int KEYS = 15;

    private StoreLoad() {}

    static Key key(String name) {
        return new Key("load", "ns", name);
    }

    static byte[] value(long revision, int size) {
        byte[] value = new byte[size];
        new Random(revision).nextBytes(value);
        return value;
    }

    public static void main(String[] args) throws Exception {
        StoreSettings settings = new StoreSettings(Duration.ofMillis(300), 1L << 20, 2, 64, Duration.ofSeconds(20), 100, 100_000);
        SqliteApiStore store = SqliteApiStore.open(Path.of(args[0]), settings);
        for (int t = 0; t < THREADS; t++) {
            String prefix = "t" + t + "-";
            Random random = new Random(Long.parseLong(args[1]) * THREADS + t);
            new Thread(() -> write(store, prefix, random)).start();
        }
    }

    private static void write(SqliteApiStore store, String prefix, Random random) {
        while (true) {
            Key key = key(prefix + random.nextInt(KEYS));
            Optional<Item> before = store.get(key);
            try {
                if (before.isPresent() && random.nextInt(4) == 0) {
                    say("R " + store.delete(key, before.get().revision(), r -> value(r, 10)) + " " + key.name() + " -1");
                } else {
                    int size = random.nextInt(random.nextInt(20) == 0 ? 50_000 : 500);
                    Item item = store.write(key, before.map(Item::revision).orElse(0L), r -> value(r, size));
                    say("R " + item.revision() + " " + key.name() + " " + size);
                }
            } catch (StoreException e) {
                say("E " + e.getMessage() + " | reads " + store.get(key).isPresent() + " of " + before.isPresent());
                Runtime.getRuntime().halt(3);
            } catch (io.kelp.kubeapi.ApiStore.ConflictException e) {
                say("E conflict " + e.getMessage());
                Runtime.getRuntime().halt(4);
            }
        }
    }

    private static void say(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        System.out.write(bytes, 0, bytes.length);
        System.out.flush();
    }
}
