package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStoreSettings;
import io.kelp.oci.LocalImageStore;
import io.kelp.testkit.registry.RegistryAccess;
import io.kelp.testkit.registry.RegistryServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ImageCommandTest {

    @TempDir
    private Path folder;
    private final RegistryServer registry = RegistryServer.start();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final InputStream input = System.in;
    private Path jar;

    @BeforeEach
    void makeJar() throws Exception {
        jar = folder.resolve("app.jar");
        try (OutputStream file = Files.newOutputStream(jar); ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("a.txt"));
            zip.write(65);
        }
    }

    @AfterEach
    void close() {
        System.setIn(input);
        registry.close();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    private String name() {
        return registry.host() + "/team/app:1";
    }

    @Test
    void pushesAnImageAndPrintsItsDigest() {
        assertEquals(0, run("image", "push", jar.toString(), name(), "--plain-http", "--label", "a=b"), err::toString);
        ImageReference printed = ImageReference.parse(out.toString().strip());
        assertTrue(printed.toString().startsWith(name() + "@sha256:"));
        assertTrue(registry.content().manifest("team/app", printed.digest()).isPresent());
        registry.forget();
        assertEquals(0, run("image", "push", jar.toString(), name(), "--plain-http", "--label", "a=b"), err::toString);
        assertEquals(printed, ImageReference.parse(out.toString().strip()));
        assertTrue(registry.requests("POST", ".*").isEmpty());
    }

    @Test
    void logsInWithThePasswordFromStandardInput() {
        registry.allow(new RegistryAccess.Tokens("me", "s3cret", ""));
        System.setIn(new ByteArrayInputStream("s3cret\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(0, run("image", "push", "--plain-http", "--username", "me", "--password-stdin", jar.toString(), name()), err::toString);
        System.setIn(new ByteArrayInputStream("wrong-s3cret\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(1, run("image", "push", "--plain-http", "--username", "me", "--password-stdin", jar.toString(), name()));
        assertTrue(err.toString().contains("unauthorized"), err::toString);
        assertFalse(err.toString().contains("s3cret"), err::toString);
        assertEquals(2, run("image", "push", "--plain-http", "--username", "me", jar.toString(), name()));
    }

    @Test
    void readsWhatDockerLoginWrote() throws Exception {
        Path config = folder.resolve("config.json");
        String auth = Base64.getEncoder().encodeToString("me:s3:cret".getBytes(StandardCharsets.UTF_8));
        Files.writeString(config, "{\"auths\":{\"r.example.com\":{\"auth\":\"" + auth + "\"},\"https://index.docker.io/v1/\":{\"auth\":\"" + auth
                + "\",\"identitytoken\":\"t\"},\"empty\":{}},\"credsStore\":\"desktop\"}");
        var read = DockerConfig.read(config);
        assertEquals(2, read.size());
        assertEquals("s3:cret", read.get(0).password());
        assertEquals("t", read.get(1).identityToken());
        assertEquals(List.of(), DockerConfig.read(folder.resolve("none")));
    }

    @Test
    void savesAnArchiveThatGatewaysLoad() throws Exception {
        Path archive = folder.resolve("app.tar");
        assertEquals(0, run("image", "save", jar.toString(), "registry.example.com/app:1", archive.toString()), err::toString);
        try (LocalImageStore store = new LocalImageStore(folder.resolve("store"), ImageStoreSettings.defaults())) {
            assertEquals(out.toString().strip(), "registry.example.com/app:1@" + store.load(archive, null).get(0).id());
        }
    }

    @Test
    void wrongUseAndTroubleAreTwoThings() throws Exception {
        assertEquals(2, run("image"));
        assertEquals(2, run("image", "push", jar.toString()));
        assertEquals(2, run("image", "push", folder.resolve("none.jar").toString(), name()));
        assertEquals(2, run("image", "push", jar.toString(), "NO NAME"));
        assertEquals(2, run("image", "push", "--platform", "amiga", jar.toString(), name()));
        assertEquals(1, run("image", "push", jar.toString(), name()));
        assertTrue(err.toString().contains("HTTP response to HTTPS client"), err::toString);
        Path text = Files.writeString(folder.resolve("text.jar"), "text");
        assertEquals(1, run("image", "push", "--plain-http", text.toString(), name()));
        assertTrue(err.toString().contains("text.jar is no jar"), err::toString);
    }
}
