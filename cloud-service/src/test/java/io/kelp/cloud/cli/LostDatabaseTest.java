package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.standalone.Backup;
import io.kelp.cloud.standalone.StandaloneServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code run --standalone} whose database broke, as a process of its own: an empty cluster must never be told to gateways. */
@Tag("slow")
class LostDatabaseTest {

    private static final String CONFIG_MAP = "/api/v1/namespaces/default/configmaps/c";

    @TempDir
    private Path folder;

    private Path data;
    private Path backup;
    private Path log;
    private int api;
    private int hub;
    private int join;
    private int web;

    @BeforeEach
    void breakTheDatabase() throws Exception {
        data = folder.resolve("data");
        backup = folder.resolve("backup.db");
        log = folder.resolve("log");
        try (StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data));
                KubeClient client = new KubeClient(server.ownClient(), KubeClient.Settings.defaults())) {
            client.create("/api/v1/namespaces/default/configmaps", JsonParser.parseString(
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}").getAsJsonObject()).get(5, TimeUnit.SECONDS);
        }
        Backup.make(data.resolve("api.db"), backup);
        Files.writeString(data.resolve("api.db"), "no database\n".repeat(1000));
        try (ServerSocket a = free(); ServerSocket h = free(); ServerSocket j = free(); ServerSocket w = free()) {
            api = a.getLocalPort();
            hub = h.getLocalPort();
            join = j.getLocalPort();
            web = w.getLocalPort();
        }
    }

    @Test
    void gatewaysAreKeptAwayAtEveryStartUntilABackupIsThere() throws Exception {
        for (int start = 0; start < 2; start++) {
            try (Service service = new Service()) {
                service.says("GATEWAYS ARE KEPT AWAY");
                service.says("with --accept-data-loss");
                List<String> lines = Files.readAllLines(log);
                String end = String.join("\n", lines.subList(lines.size() - 5, lines.size())); // what quickstart.sh shows
                assertTrue(end.contains("GATEWAYS ARE KEPT AWAY") && end.contains("set aside as " + data.resolve("api.db.broken-")), end);
                assertTrue(end.contains("kelp-cloud backup) to " + data.resolve("api.db")), end);
                assertFalse(open(hub) || open(join) || open(web), "gateways can connect");
                try (KubeClient client = KubeClient.connect(data.resolve("admin.kubeconfig").toFile(), KubeClient.Settings.defaults())) {
                    assertEquals("default", client.get("/api/v1/namespaces/default").get(5, TimeUnit.SECONDS)
                            .getAsJsonObject("metadata").get("name").getAsString());
                }
            }
        }
        Files.copy(backup, data.resolve("api.db"), StandardCopyOption.REPLACE_EXISTING);
        try (Service service = new Service()) {
            service.says("serves gateways");
            assertTrue(open(hub) && open(join) && open(web));
            assertFalse(Files.exists(data.resolve("api.db.lost")));
            try (KubeClient client = KubeClient.connect(data.resolve("admin.kubeconfig").toFile(), KubeClient.Settings.defaults())) {
                client.get(CONFIG_MAP).get(5, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void whatTheApiHoldsIsServedOnceTheLossIsAccepted() throws Exception {
        // The first to open the broken database may be another command.
        Path yaml = Files.writeString(folder.resolve("c.yaml"), "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}}\n");
        assertEquals(0, Main.commandLine().execute("import", yaml.toString(), "--data", data.toString()));
        try (Service service = new Service()) {
            service.says("with --accept-data-loss");
            assertFalse(open(hub));
        }
        try (Service service = new Service("--accept-data-loss")) {
            service.says("serves gateways");
            assertTrue(open(hub) && open(join) && open(web));
            try (KubeClient client = KubeClient.connect(data.resolve("admin.kubeconfig").toFile(), KubeClient.Settings.defaults())) {
                client.get(CONFIG_MAP).get(5, TimeUnit.SECONDS);
            }
        }
        try (Service service = new Service()) {
            service.says("serves gateways"); // the option is for one start
        }
    }

    @Test
    void theOptionIsForStandaloneOnly() {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setErr(new PrintWriter(err, true));
        assertEquals(2, command.execute("run", "--accept-data-loss"));
        assertTrue(err.toString().contains("--accept-data-loss is for --standalone"), err.toString());
    }

    private final class Service implements AutoCloseable {

        private final Process process;

        Service(String... more) throws IOException {
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
                    System.getProperty("java.class.path"), Main.class.getName(), "run", "--standalone", "--data", data.toString(),
                    "--bind", "127.0.0.1", "--advertise", "127.0.0.1", "--api-port", "" + api, "--hub-port", "" + hub, "--join-port", "" + join,
                    "--web-port", "" + web));
            command.addAll(List.of(more));
            process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        }

        void says(String words) {
            Await.until("it says \"" + words + "\"", 60, () -> {
                assertTrue(process.isAlive(), LostDatabaseTest.this::log);
                return log().contains(words);
            });
        }

        @Override
        public void close() {
            process.destroy();
            boolean ended = false;
            try {
                ended = process.waitFor(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
            assertTrue(ended, "it does not end");
            // What it says last comes a moment before it listens to SIGTERM.
            assertTrue(List.of(0, 143).contains(process.exitValue()), LostDatabaseTest.this::log);
        }
    }

    private String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean open(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
}
