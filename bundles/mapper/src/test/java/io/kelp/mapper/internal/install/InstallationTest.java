package io.kelp.mapper.internal.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.StatusSource;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.MapperRefusedException;
import io.kelp.mapper.internal.FakeTwins;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.startlevel.FrameworkStartLevel;

@Tag("slow")
class InstallationTest {

    @TempDir
    private Path folder;
    private final FakeTwins twins = new FakeTwins();
    private TestFramework gateway;
    private FileStore store;

    @BeforeEach
    void start() throws Exception {
        store = new FileStore(folder.resolve("store"));
        gateway = new TestFramework(folder.resolve("home"), twins, store);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void reboot() throws Exception {
        gateway.close();
        start();
    }

    private Path jar(String name, String version, String traits) throws Exception {
        return TestFramework.driver(folder.resolve(name + "-" + version + "-" + Math.abs(traits.hashCode()) + ".jar"), name, version, traits);
    }

    private Mapper install(Path jar) throws Exception {
        try (InputStream in = Files.newInputStream(jar)) {
            return gateway.installer().install(in);
        }
    }

    private Mapper update(Path jar) throws Exception {
        try (InputStream in = Files.newInputStream(jar)) {
            return gateway.installer().update(in);
        }
    }

    private String refusal(Path jar) {
        return assertThrows(MapperRefusedException.class, () -> install(jar)).getMessage();
    }

    private List<String> names() {
        return gateway.installer().list().stream().map(m -> m.name() + " " + m.version() + " " + m.state() + " " + m.protocols()).toList();
    }

    private void awaitList(List<String> wanted) throws Exception {
        TestFramework.await("mappers " + wanted, () -> names().equals(wanted));
    }

    private long jarsKept() throws Exception {
        try (var files = Files.list(folder.resolve("home/data/mappers"))) {
            return files.count();
        }
    }

    private void awaitOnline(String device) throws Exception {
        TestFramework.await(device + " online", () -> gateway.health().devices().stream()
                .anyMatch(h -> h.device().equals("default/" + device) && h.state() == State.ONLINE));
    }

    @Test
    void installedMapperDrivesItsDevicesAndSurvivesRebootUpdateAndRemoval() throws Exception {
        twins.put(FakeTwins.modern("a", "one", "{}", "x:INT"));
        Mapper mapper = install(jar("plant.one", "1.0.0", "protocol=one"));
        assertEquals(List.of("one"), mapper.protocols());
        awaitOnline("a");

        reboot();
        awaitOnline("a");
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());

        update(jar("plant.one", "1.0.0", "protocol=one\nbuild=2"));
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        awaitOnline("a");
        reboot();
        assertEquals(1, jarsKept());
        awaitOnline("a");

        gateway.installer().remove("one");
        assertEquals(List.of(), names());
        reboot();
        assertEquals(List.of(), names());
        assertEquals(0, jarsKept());
        TestFramework.await("a undriven", () -> gateway.health().devices().stream().map(h -> h.state()).toList().equals(List.of(State.UNDRIVEN)));
    }

    @Test
    void mappersRunAsSoonAsTheGatewayHasReachedTheirStartLevel() throws Exception {
        install(jar("plant.one", "1.0.0", "protocol=one"));
        gateway.close();
        gateway = new TestFramework(folder.resolve("home"), twins, store = new FileStore(folder.resolve("store")), 9);
        assertEquals(List.of(), gateway.service(StatusSource.class).problems());

        gateway.framework.adapt(FrameworkStartLevel.class).setStartLevel(20);
        long reached = System.nanoTime();
        awaitList(List.of("plant.one 1.0.0 ACTIVE [one]"));
        assertTrue(System.nanoTime() - reached < Duration.ofSeconds(10).toNanos(), "not at once");
        assertEquals(List.of(), gateway.service(StatusSource.class).problems());
    }

    @Test
    void refusesWhatIsNoMapperWithNothingChanged() throws Exception {
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
        assertTrue(refusal(text).startsWith("the file is no complete jar: "), refusal(text));
        Path plain = TestFramework.build(folder.resolve("plain.jar"), "plain", "1.0.0", new java.io.File("target/test-classes"),
                Map.of("Private-Package", "io.kelp.mapper.internal.install"), null);
        assertTrue(refusal(plain).startsWith("bundle plain offers no device driver"), refusal(plain));
        Path needy = TestFramework.build(folder.resolve("needy.jar"), "needy", "1.0.0", new java.io.File("target/test-classes"),
                Map.of("Private-Package", "io.kelp.mapper.testdriver", "Import-Package", "com.example.serial,*"), "protocol=x");
        assertTrue(refusal(needy).contains("needs what this gateway does not have"), refusal(needy));
        assertTrue(refusal(needy).contains("com.example.serial"), refusal(needy));
        assertEquals("the driver of bundle broken fails when it is made; the log says why", refusal(jar("broken", "1.0.0", "broken=yes")));

        install(jar("plant.one", "1.0.0", "protocol=one"));
        assertEquals("mapper plant.one 1.0.0 is here already; use update to replace it", refusal(jar("plant.one", "2.0.0", "protocol=one")));
        assertEquals("there is no mapper other to update; use install",
                assertThrows(MapperRefusedException.class, () -> update(jar("other", "2.0.0", "protocol=one"))).getMessage());
        assertEquals("there is no mapper nobody",
                assertThrows(MapperRefusedException.class, () -> gateway.installer().remove("nobody")).getMessage());
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        assertEquals(1, jarsKept());
        assertThrows(MapperRefusedException.class, () -> gateway.installer().install(new ByteArrayInputStream(new byte[0])));
    }

    @Test
    void aBadUpdateLeavesTheOldMapperRunning() throws Exception {
        twins.put(FakeTwins.modern("a", "one", "{}", "x:INT"));
        install(jar("plant.one", "1.0.0", "protocol=one"));
        assertThrows(MapperRefusedException.class, () -> update(jar("plant.one", "2.0.0", "broken=yes")));
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        awaitOnline("a");

        store.broken = true;
        assertThrows(java.io.IOException.class, () -> update(jar("plant.one", "3.0.0", "protocol=one")));
        store.broken = false;
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        reboot();
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        awaitOnline("a");
    }

    @Test
    void theDropFolderSaysWhatIsInstalled() throws Exception {
        Path drop = folder.resolve("home/mappers");
        byte[] whole = Files.readAllBytes(jar("plant.one", "1.0.0", "protocol=one"));
        Path file = drop.resolve("one.jar");
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2)); // still being copied
        Thread.sleep(3_000); // nothing to wait for: something must not happen in this time
        assertEquals(List.of(), names());
        Files.write(file, whole);
        awaitList(List.of("plant.one 1.0.0 ACTIVE [one]"));

        Files.copy(jar("plant.one", "1.1.0", "protocol=one"), drop.resolve("one-newer.jar"));
        awaitList(List.of("plant.one 1.1.0 ACTIVE [one]"));
        Files.delete(drop.resolve("one-newer.jar"));
        awaitList(List.of("plant.one 1.0.0 ACTIVE [one]"));
        Files.copy(jar("plant.one", "2.0.0", "protocol=two"), file, StandardCopyOption.REPLACE_EXISTING);
        awaitList(List.of("plant.one 2.0.0 ACTIVE [two]"));

        update(jar("plant.one", "3.0.0", "protocol=two"));
        assertEquals(List.of("plant.one 3.0.0 ACTIVE [two]"), names());
        reboot();
        TestFramework.await("two looks", () -> true);
        assertEquals(List.of("plant.one 3.0.0 ACTIVE [two]"), names());
        assertThrows(MapperRefusedException.class, () -> update(jar("plant.one", "4.0.0", "broken=yes")));

        gateway.close();
        Files.delete(file);
        start();
        awaitList(List.of());
        Files.copy(jar("plant.one", "1.0.0", "protocol=one"), file);
        awaitList(List.of("plant.one 1.0.0 ACTIVE [one]"));
        gateway.installer().remove("plant.one");
        assertFalse(Files.exists(file));
    }

    @Test
    void aMapperOfTheGatewayStandsBackForAnInstalledOne() throws Exception {
        var own = gateway.framework.getBundleContext().installBundle(jar("plant.one", "1.0.0", "protocol=one").toUri().toString());
        own.start();
        assertEquals(List.of("gateway"), gateway.installer().list().stream().map(Mapper::origin).toList());
        update(jar("plant.one", "2.0.0", "protocol=one"));
        assertEquals(List.of("plant.one 2.0.0 ACTIVE [one]"), names());
        assertFalse(MapperBundles.running(own));
        gateway.installer().remove("plant.one");
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        String why = assertThrows(MapperRefusedException.class, () -> gateway.installer().remove("one")).getMessage();
        assertTrue(why.contains("came with the gateway"), why);
    }

    @Test
    void aDamagedJarIsAProblemAndKeepsNoOtherFromRunning() throws Exception {
        MapperInstaller installer = gateway.installer();
        Mapper one = install(jar("plant.one", "1.0.0", "protocol=one"));
        install(jar("plant.two", "1.0.0", "protocol=two"));
        assertEquals(2, installer.list().size());
        gateway.close();
        Files.writeString(folder.resolve("home/data/mappers").resolve(one.sha256() + ".jar"), "garbage");
        start();
        assertEquals(List.of("plant.one 1.0.0 DAMAGED []", "plant.two 1.0.0 ACTIVE [two]"), names());
        update(jar("plant.one", "1.0.1", "protocol=one"));
        assertEquals(List.of("plant.one 1.0.1 ACTIVE [one]", "plant.two 1.0.0 ACTIVE [two]"), names());
    }

    @Test
    void mappersComeBackWhenTheStoreIsLost() throws Exception {
        install(jar("plant.one", "1.0.0", "protocol=one"));
        gateway.close();
        loseTheStore();
        start();
        awaitList(List.of("plant.one 1.0.0 ACTIVE [one]"));
        reboot();
        assertEquals(List.of("plant.one 1.0.0 ACTIVE [one]"), names());
        assertEquals(1, jarsKept());
    }

    @Test
    void aJarThatTheListDoesNotNameIsNotRunWhileTheStoreIsWhole() throws Exception {
        Mapper one = install(jar("plant.one", "1.0.0", "protocol=one"));
        gateway.installer().remove("plant.one");
        gateway.close();
        Files.copy(jar("plant.one", "1.0.0", "protocol=one"), folder.resolve("home/data/mappers").resolve(one.sha256() + ".jar"));
        start();
        assertEquals(List.of(), names());
        assertEquals(0, jarsKept());
    }

    private void loseTheStore() throws Exception {
        try (var files = Files.list(folder.resolve("store"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
