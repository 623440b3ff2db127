package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of a process that queues values for a server that is away. */
@Tag("slow")
class PushKillTest {

    private static final int FLUSH_SECONDS = 2;

    @TempDir
    Path home;

    @Test
    void whatTheStoreHadWrittenGoesOutAfterAKill() throws Exception {
        int port;
        try (Receiver gone = new Receiver()) {
            port = gone.port();
        }
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Child.class.getName(),
                home.toString(), Integer.toString(port)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        int last = 0;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            while (last < 1000) {
                last = Integer.parseInt(in.readLine());
            }
            child.toHandle().destroyForcibly();
        }
        assertTrue(child.waitFor(10, TimeUnit.SECONDS));
        // Queued a hundred times per second, so this is what the last write may have missed.
        int written = last - 100 * (FLUSH_SECONDS + 2);
        try (Receiver server = new Receiver(port); PushGateway gateway = new PushGateway(home, Map.of("ratePerSecond", 10_000))) {
            Await.until("what was written is taken", Duration.ofSeconds(30), () -> server.taken().size() >= written);
            Await.until("nothing waits", Duration.ofSeconds(30), () -> gateway.engine.reports().get(0).waiting() == 0);
            List<Integer> values = new ArrayList<>();
            server.taken().forEach(body -> values.add(Integer.parseInt(body.split("[=&]")[1])));
            for (int i = 0; i < values.size(); i++) {
                assertTrue(values.get(i) == i + 1, "at " + i + ": " + values.get(i));
            }
            System.out.println("kill -9 after value " + last + ": " + values.size() + " taken, in order, none missing");
        }
    }

    /** Queues a hundred values per second and says how many. */
    public static final class Child {
        public static void main(String[] arguments) throws Exception {
            PushGateway gateway = new PushGateway(Path.of(arguments[0]), Map.of(), FLUSH_SECONDS);
            gateway.device(1, Integer.parseInt(arguments[1]));
            for (int i = 1;; i++) {
                gateway.report("p0", Integer.toString(i));
                System.out.println(i);
                System.out.flush();
                Thread.sleep(10); // the load of the test, not a wait for anything
            }
        }
    }
}
