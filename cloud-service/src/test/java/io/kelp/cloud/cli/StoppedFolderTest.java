package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.standalone.SqliteApiStore;
import io.kelp.cloud.standalone.StandaloneServer;
import io.kelp.cloud.standalone.StoreSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Export and import with {@code --data}. */
class StoppedFolderTest {

    private static final String WISH = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: plant}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: wish, namespace: plant}
            data: {lamp: "on"}
            """;

    @TempDir
    private Path folder;

    private Path data;
    private StringWriter out;
    private StringWriter err;

    @BeforeEach
    void name() {
        data = folder.resolve("data");
    }

    @Test
    void whatWentIntoAFreshFolderIsServedAndComesOut() throws Exception {
        Path file = Files.writeString(folder.resolve("wish.yaml"), WISH);
        assertEquals(0, run("import", file.toString(), "--data", data.toString()), () -> err.toString());
        assertFalse(Files.exists(data.resolve("admin.kubeconfig")), "nobody is to look for an API that has gone");
        assertEquals(0, run("export", "--data", data.toString()), () -> err.toString());
        assertTrue(out.toString().contains("lamp: \"on\""), out.toString());
        try (StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data));
                KubeClient client = new KubeClient(server.ownClient(), KubeClient.Settings.defaults())) {
            assertEquals("on", client.get("/api/v1/namespaces/plant/configmaps/wish").get(5, TimeUnit.SECONDS)
                    .getAsJsonObject("data").get("lamp").getAsString());
        }
    }

    @Test
    void aServiceThatRunsIsAskedAndItsKubeconfigKept() throws Exception {
        try (StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data))) {
            String kubeconfig = Files.readString(server.kubeconfig());
            Path file = Files.writeString(folder.resolve("wish.yaml"), WISH);
            assertEquals(0, run("import", file.toString(), "--data", data.toString()), () -> err.toString());
            assertEquals(0, run("export", "--data", data.toString()), () -> err.toString());
            assertTrue(out.toString().contains("lamp: \"on\""), out.toString());
            assertEquals(kubeconfig, Files.readString(server.kubeconfig()));
        }
    }

    @Test
    void aProcessThatHasTheFolderAndDoesNotAnswerIsNamed() throws Exception {
        StandaloneServer.start(StandaloneServer.Options.onLoopback(data)).close();
        try (SqliteApiStore held = SqliteApiStore.open(data.resolve("api.db"), StoreSettings.defaults())) {
            assertEquals(1, run("export", "--data", data.toString()));
            String pid = Long.toString(ProcessHandle.current().pid());
            assertTrue(err.toString().contains("Process " + pid + " has " + data.resolve("api.db") + " and does not answer: "), err.toString());
            assertTrue(err.toString().contains("(kill " + pid + ")"), err.toString());
            assertTrue(held.revision() > 0);
        }
    }

    @Test
    void aFolderWithoutAnInstallationIsNotMadeIntoOneByLooking() {
        assertEquals(1, run("export", "--data", data.toString()));
        assertTrue(err.toString().contains(data + " holds no api.db"), err.toString());
        assertFalse(Files.exists(data));
    }

    private int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(args);
    }
}
