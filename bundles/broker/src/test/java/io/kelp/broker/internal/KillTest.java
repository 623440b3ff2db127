package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.core.OutMessage;
import io.kelp.broker.internal.core.Retained;
import io.kelp.broker.internal.packet.Packet;
import io.kelp.store.internal.StoreComponent;
import io.kelp.store.internal.StoreConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/** The broker on the real store, killed while it takes messages for a client that is away. */
@Tag("slow")
class KillTest {

    private static final int ROUNDS = 5;

    @TempDir
    private Path directory;

    @Test
    void whatWasStoredForAnAbsentClientSurvivesKillMinusNine() throws Exception {
        int published = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), KillTest.class.getName(), directory.toString())
                    .redirectError(directory.resolve("broker" + round + ".log").toFile()).start();
            try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                int port = Integer.parseInt(out.readLine());
                if (round == 0) {
                    new RawClient(port).connect("away", false).subscribe("a", 1).disconnect();
                }
                try (RawClient sender = new RawClient(port).connect("s", true)) {
                    for (int i = 0; i < 100; i++) {
                        sender.publish("a", "" + published++, 1, false);
                    }
                    sender.publish("r", "" + round, 1, true);
                    // The acknowledgement says that the broker has the message; the store has it when it says so.
                    String stored = out.readLine();
                    while (!("stored " + published + " and " + round).equals(stored)) {
                        stored = out.readLine();
                    }
                }
            } finally {
                process.destroyForcibly();
                assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            }
        }
        StoreComponent store = store(directory);
        try (BrokerUnderTest broker = new BrokerUnderTest(Map.of(), store); RawClient client = broker.client()) {
            assertTrue(client.connect(new Packet.Connect(4, "away", false, 0, null, null, null), 0));
            Set<String> got = new HashSet<>(client.texts(published));
            assertEquals(published, got.size());
            client.expectNothing();
            client.subscribe("r", 0);
            assertEquals("" + (ROUNDS - 1), client.text());
        }
    }

    /** The broker's process: prints its port and what the store holds. */
    public static void main(String[] args) throws Exception {
        StoreComponent store = store(Path.of(args[0]));
        BrokerUnderTest broker = new BrokerUnderTest(Map.of(), store);
        System.out.println(broker.port());
        StoreJournal.Collections stored = StoreJournal.Collections.open(store);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String last = "";
        while (System.nanoTime() < end) {
            String now = "stored " + stored.messages().snapshot().size() + " and "
                    + stored.retained().get("r").map(one -> new String(one.message().payload(), StandardCharsets.UTF_8)).orElse("none");
            if (!now.equals(last)) {
                // One write more that completes: all before it are durable then.
                stored.retained().put("marker", new Retained(new OutMessage("marker", new byte[] {1}), 0))
                        .toCompletableFuture().get(5, TimeUnit.SECONDS);
                stored.retained().remove("marker").toCompletableFuture().get(5, TimeUnit.SECONDS);
                System.out.println(now);
                last = now;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        throw new IOException("nobody killed this process");
    }

    private static StoreComponent store(Path directory) {
        BundleContext context = (BundleContext) Proxy.newProxyInstance(KillTest.class.getClassLoader(), new Class<?>[] {BundleContext.class},
                (self, method, arguments) -> method.getName().equals("getProperty")
                        ? directory.resolve((String) arguments[0]).toString() : null);
        return new StoreComponent(context, Converters.standardConverter().convert(Map.of()).to(StoreConfig.class));
    }
}
