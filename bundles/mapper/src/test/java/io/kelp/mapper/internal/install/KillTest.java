package io.kelp.mapper.internal.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.internal.FakeTwins;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in a process of its own is killed at random moments while mappers are installed, updated and removed. */
@Tag("slow")
class KillTest {

    private static final int KILLS = Integer.getInteger("kelp.kills", 10);
    private static final List<String> NAMES = List.of("plant.a", "plant.b", "plant.c");
    private static final int VERSIONS = 4;

    @TempDir
    private Path folder;

    /** The gateway that dies: changes mappers at random and writes down each change before and after it is made. */
    public static final class Victim {

        private Victim() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            Random random = new Random(Long.parseLong(args[1]));
            try (TestFramework gateway = new TestFramework(folder.resolve("home"), new FakeTwins(), new FileStore(folder.resolve("store")))) {
                MapperInstaller installer = gateway.installer();
                note(folder, "ready");
                while (true) {
                    change(folder, installer, NAMES.get(random.nextInt(NAMES.size())), random.nextInt(VERSIONS + 1));
                }
            }
        }

        private static void change(Path folder, MapperInstaller installer, String name, int version) throws Exception {
            boolean here = installer.list().stream().anyMatch(m -> m.name().equals(name));
            if (version == 0) {
                if (here) {
                    note(folder, "try " + name + " -");
                    installer.remove(name);
                    note(folder, "did " + name + " -");
                }
                return;
            }
            note(folder, "try " + name + " 1.0." + version);
            try (InputStream in = Files.newInputStream(folder.resolve(name + "-" + version + ".jar"))) {
                if (here) {
                    installer.update(in);
                } else {
                    installer.install(in);
                }
            }
            note(folder, "did " + name + " 1.0." + version);
        }

        private static void note(Path folder, String line) throws Exception {
            Files.writeString(folder.resolve("notes"), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesAKillAtAnyMoment() throws Exception {
        for (String name : NAMES) {
            for (int version = 1; version <= VERSIONS; version++) {
                TestFramework.driver(folder.resolve(name + "-" + version + ".jar"), name, "1.0." + version, "protocol=" + name);
            }
        }
        Random random = new Random(42);
        Map<String, String> acknowledged = new TreeMap<>();
        for (int kill = 0; kill < KILLS; kill++) {
            Files.deleteIfExists(folder.resolve("notes"));
            Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), "-Xmx96m", "-XX:TieredStopAtLevel=1", Victim.class.getName(),
                    folder.toString(), String.valueOf(kill))
                    .redirectErrorStream(true).redirectOutput(folder.resolve("victim.log").toFile()).start();
            try {
                TestFramework.await("the victim", () -> notes().contains("ready") || !victim.isAlive());
                Thread.sleep(random.nextInt(600)); // the moment of death is the point of this test
            } finally {
                victim.destroyForcibly();
            }
            assertTrue(victim.waitFor(10, TimeUnit.SECONDS));
            Map<String, List<String>> allowed = allowed(acknowledged);
            acknowledged = boot(kill, allowed);
        }
    }

    private List<String> notes() {
        try {
            return Files.exists(folder.resolve("notes")) ? Files.readAllLines(folder.resolve("notes")) : List.of();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** For each mapper what may be there: what was acknowledged last, or what was under way. */
    private Map<String, List<String>> allowed(Map<String, String> before) {
        Map<String, List<String>> allowed = new TreeMap<>();
        NAMES.forEach(name -> allowed.put(name, List.of(before.getOrDefault(name, "-"))));
        for (String line : notes()) {
            String[] part = line.split(" ");
            switch (part[0]) {
                case "try" -> allowed.put(part[1], List.of(allowed.get(part[1]).get(0), part[2]));
                case "did" -> allowed.put(part[1], List.of(part[2]));
                default -> assertEquals("ready", line);
            }
        }
        return allowed;
    }

    private Map<String, String> boot(int kill, Map<String, List<String>> allowed) throws Exception {
        Map<String, String> found = new TreeMap<>();
        try (TestFramework gateway = new TestFramework(folder.resolve("home"), new FakeTwins(), new FileStore(folder.resolve("store")))) {
            for (Mapper mapper : gateway.installer().list()) {
                found.put(mapper.name(), mapper.version());
                assertEquals("ACTIVE", mapper.state(), "kill " + kill + ": " + mapper);
                assertEquals(List.of(mapper.name()), mapper.protocols(), "kill " + kill + ": " + mapper);
            }
            try (var jars = Files.list(folder.resolve("home/data/mappers"))) {
                assertEquals(found.size(), jars.count(), "kill " + kill + ": nothing is left over");
            }
        }
        allowed.forEach((name, versions) -> assertTrue(versions.contains(found.getOrDefault(name, "-")),
                "kill " + kill + ": " + name + " is " + found.getOrDefault(name, "-") + ", allowed " + versions));
        return found;
    }
}
