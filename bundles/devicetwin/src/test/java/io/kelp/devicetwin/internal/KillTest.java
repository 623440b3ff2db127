package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.store.internal.StoreComponent;
import io.kelp.store.internal.StoreConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/**
 * The component on the real store, killed at random moments under load. The process that reports writes down what
 * was acknowledged; the one that comes after the kill must have it, and must tell it to the cloud.
 */
@Tag("slow")
class KillTest {

    private static final int DEVICES = 5;
    private static final int KILLS = 8;

    @TempDir
    private Path directory;

    @Test
    void whatWasAcknowledgedSurvivesKills() throws Exception {
        java.util.Random random = new java.util.Random(11);
        Map<String, Long> acknowledged = new HashMap<>();
        long first = 1;
        for (int kill = 0; kill < KILLS; kill++) {
            List<String> lines = Collections.synchronizedList(new ArrayList<>());
            Process process = child("load", Long.toString(first));
            Thread reader = reader(process, lines);
            io.kelp.testkit.Await.until("it reports", Duration.ofSeconds(30), () -> lines.size() > 20);
            Thread.sleep(random.nextInt(300)); // the moment of the kill is what is random here
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            reader.join(10_000);
            for (String line : List.copyOf(lines)) {
                String[] words = line.split(" ");
                if (words.length == 2 && words[1].endsWith(";")) { // a torn last line does not count
                    acknowledged.merge(words[0], Long.parseLong(words[1].replace(";", "")), Math::max);
                }
            }
            first = Collections.max(acknowledged.values()) + 1000;

            List<String> found = Collections.synchronizedList(new ArrayList<>());
            Process after = child("dump", "0");
            Thread dump = reader(after, found);
            assertTrue(after.waitFor(30, TimeUnit.SECONDS), "the dump hangs");
            dump.join(10_000);
            Map<String, Long> values = new TreeMap<>();
            List<String> told = new ArrayList<>();
            for (String line : found) {
                String[] words = line.split(" ");
                if (words[0].equals("told")) {
                    told.add(words[1] + " " + words[2]);
                } else {
                    values.put(words[0], Long.parseLong(words[1].replace(";", "")));
                }
            }
            int round = kill;
            acknowledged.forEach((key, value) -> {
                assertTrue(values.containsKey(key), "kill " + round + ": " + key + " is gone; found " + values);
                assertTrue(values.get(key) >= value, "kill " + round + ": " + key + " was acknowledged with " + value + ", found " + values.get(key));
            });
            values.forEach((key, value) -> {
                if (key.contains("/reported/")) {
                    String device = key.split("/")[0];
                    assertTrue(told.contains(device + " " + value), "kill " + round + ": the cloud was not told " + key + "=" + value + ": " + told);
                }
            });
        }
        assertEquals(DEVICES * 2, acknowledged.size());
    }

    private Process child(String mode, String first) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-cp", System.getProperty("java.class.path"), Child.class.getName(), mode, directory.toString(), first)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static Thread reader(Process process, List<String> lines) {
        Thread thread = new Thread(() -> {
            try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                lines.add("end: " + e.getMessage());
            }
        }, "reader");
        thread.start();
        return thread;
    }

    /** The process that is killed, and the one after it. */
    static final class Child {

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[1]);
            StoreComponent store = new StoreComponent(context(directory), Converters.standardConverter().convert(Map.of()).to(StoreConfig.class));
            DeviceTwinComponent twins = new DeviceTwinComponent(Converters.standardConverter().convert(Map.of()).to(DeviceTwinConfig.class), store);
            if (arguments[0].equals("load")) {
                twins.start();
                load(twins, Long.parseLong(arguments[2]));
            } else {
                dump(twins);
            }
        }

        private static void load(DeviceTwinComponent twins, long first) {
            for (int d = 0; d < DEVICES; d++) {
                Gateway.await(twins.handle(Message.ofObject("devicecontroller", "resource", "insert", "default/device/d" + d, "5",
                        CloudObjectTest.rename(CloudObjectTest.classic("u" + d, "5", "ON", "0"), "d" + d))));
            }
            for (long i = first;; i++) {
                String name = "d" + i % DEVICES;
                long value = i;
                twins.report(new DeviceId("default", name), Map.of("count", Long.toString(value)))
                        .thenRun(() -> say(name + "/reported/count " + value + ";"));
                if (i % 20 < DEVICES) {
                    twins.setDesired(new DeviceId("default", name), "status", Long.toString(value))
                            .thenRun(() -> say(name + "/desired/status " + value + ";"));
                }
                if (i % 50 == 0) {
                    Gateway.await(twins.report(new DeviceId("default", name), Map.of("step", Long.toString(value))));
                }
            }
        }

        private static void dump(DeviceTwinComponent twins) {
            twins.setLink(new Cloud());
            twins.start();
            twins.connected(CloudLink.Peer.KELP);
            for (int i = 0; i < 3; i++) { // what connecting sets off is done when later inputs are
                CompletableFuture<Void> done = new CompletableFuture<>();
                twins.reportState(new DeviceId("default", "nobody"), "online").whenComplete((nothing, e) -> done.complete(null));
                done.join();
            }
            for (Device device : twins.devices()) {
                device.twins().forEach((property, twin) -> {
                    if (property.equals("count") && twin.reported() != null) {
                        say(device.id().name() + "/reported/count " + twin.reported().text() + ";");
                    } else if (property.equals("status") && twin.desired() != null && !twin.desired().text().equals("ON")) {
                        say(device.id().name() + "/desired/status " + twin.desired().text() + ";");
                    }
                });
            }
            Runtime.getRuntime().halt(0); // as unkindly as the kill
        }

        private static synchronized void say(String line) {
            System.out.println(line);
            System.out.flush();
        }

        private static BundleContext context(Path directory) {
            return (BundleContext) Proxy.newProxyInstance(Child.class.getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, args) -> {
                if (!method.getName().equals("getProperty")) {
                    throw new UnsupportedOperationException(method.getName());
                }
                try {
                    return Files.createDirectories(directory.resolve(args[0].toString())).toString();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        /** A cloud that takes everything and confirms nothing. */
        private static final class Cloud implements CloudLink {

            @Override
            public Status status() {
                return new Status(State.DISCONNECTED, Instant.EPOCH, null, "");
            }

            @Override
            public boolean send(Message message) {
                return true;
            }

            @Override
            public CompletionStage<Message> request(Message message, Duration timeout) {
                Gateway.values(List.of(message)).forEach((key, value) -> {
                    if (key.endsWith(" count")) {
                        say("told " + key.split(" ")[0].replace("device/", "") + " " + value);
                    }
                });
                return new CompletableFuture<>();
            }
        }
    }
}
