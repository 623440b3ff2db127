package io.kelp.metamanager.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.internal.StoreComponent;
import io.kelp.store.internal.StoreConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/** {@code kill -9} while Secrets are stored and their key is exchanged, over the real store. */
@Tag("slow")
class RotationKillTest {

    private static final int KILLS = Integer.getInteger("kelp.kills", 6);
    private static final int NAMES = 12;

    @TempDir
    Path home;

    /** Store and meta manager of one gateway, as the framework puts them together. */
    private static MetaManager open(Path home, AtomicReference<Runnable> close) {
        Map<String, String> properties = Map.of("kelp.data", home.resolve("data").toString(), "kelp.run", home.resolve("run").toString());
        BundleContext context = (BundleContext) Proxy.newProxyInstance(RotationKillTest.class.getClassLoader(), new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> properties.get(arguments[0]));
        StoreComponent store = new StoreComponent(context, Converters.standardConverter().convert(Map.of()).to(StoreConfig.class));
        MetaManager manager = new MetaManager(Converters.standardConverter().convert(Map.of()).to(MetaConfig.class), home.resolve("data"), store);
        close.set(() -> {
            manager.stop();
            try { // DS calls it; it is not public
                var stop = StoreComponent.class.getDeclaredMethod("stop");
                stop.setAccessible(true);
                stop.invoke(store);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        });
        return manager;
    }

    private static JsonObject secret(int name, int value) {
        return JsonParser.parseString("{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s" + name + "\",\"namespace\":\"default\",\"uid\":\"u" + name
                + "\",\"resourceVersion\":\"" + value + "\"},\"data\":{\"v\":\"hush" + value + "\"}}").getAsJsonObject();
    }

    /** To be killed. */
    static final class Load {
        private Load() {}

        public static void main(String[] arguments) throws Exception {
            MetaManager manager = open(Path.of(arguments[0]), new AtomicReference<>());
            int start = Integer.parseInt(arguments[1]);
            System.out.println("go " + manager.list("secret").size());
            for (int i = start; ; i++) {
                manager.put("secret", "default", "s" + i % NAMES, secret(i % NAMES, i)).toCompletableFuture().get();
                System.out.println("put " + i);
                if (i % 7 == 0) {
                    System.out.println("rotated " + manager.run(List.of("rotate-key")).exitCode());
                }
            }
        }
    }

    @Test
    void whatWasStoredCanBeOpenedAfterEveryKill() throws Exception {
        Random random = new Random(11);
        Map<Integer, Integer> acknowledged = new HashMap<>();
        int next = 0;
        int rotations = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-cp",
                    System.getProperty("java.class.path"), Load.class.getName(), home.toString(), "" + next)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            int lines = 20 + random.nextInt(150);
            try (BufferedReader in = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                boolean killed = false;
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.matches("put [0-9]+")) {
                        int value = Integer.parseInt(line.substring(4));
                        acknowledged.put(value % NAMES, value);
                        next = value + 1;
                    } else if (line.startsWith("rotated ")) {
                        assertEquals("rotated 0", line);
                        rotations++;
                    }
                    if (--lines == 0) {
                        child.toHandle().destroyForcibly(); // of the handle: what it said before is still read
                        killed = true;
                    }
                }
                assertTrue(killed, "the child ended by itself");
            }
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            next += NAMES; // a write that was under way may have been made
            AtomicReference<Runnable> close = new AtomicReference<>();
            MetaManager manager = open(home, close);
            try {
                assertTrue(manager.problems().isEmpty(), manager.problems().toString());
                for (Map.Entry<Integer, Integer> each : acknowledged.entrySet()) {
                    MetaObject kept = manager.get("secret", "default", "s" + each.getKey()).orElseThrow();
                    int version = Integer.parseInt(kept.resourceVersion());
                    assertTrue(version >= each.getValue(), kept + " has " + version + ", acknowledged was " + each.getValue());
                    assertEquals(secret(each.getKey(), version), kept.json());
                }
            } finally {
                close.get().run();
            }
        }
        assertTrue(rotations > KILLS, "rotated " + rotations + " times only");
        try (var files = Files.walk(home)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                assertTrue(!new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("hush"), file + " holds a Secret in the clear");
            }
        }
    }
}
