package io.kelp.edged.internal.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicWriterTest {

    @TempDir
    Path pods;

    private Path target() {
        return pods.resolve("pods/uid/volumes/kubernetes.io~configmap/v");
    }

    private boolean write(String... pathsAndTexts) throws IOException {
        return new AtomicWriter(target()).write(payload(pathsAndTexts));
    }

    private static Payload payload(String... pathsAndTexts) {
        Payload payload = new Payload();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            payload.add(pathsAndTexts[i], pathsAndTexts[i + 1].getBytes(StandardCharsets.UTF_8), 0644);
        }
        return payload;
    }

    /** What a workload sees: paths through the links. */
    private Map<String, String> seen() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target(), java.nio.file.FileVisitOption.FOLLOW_LINKS)) {
            for (Path each : (Iterable<Path>) files::iterator) {
                String path = target().relativize(each).toString();
                if (!path.startsWith("..") && Files.isRegularFile(each)) {
                    all.put(path, Files.readString(each));
                }
            }
        }
        return all;
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> all = Files.list(target())) {
            return all.map(p -> p.getFileName().toString()).map(n -> n.startsWith("..2") ? "..time" : n)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void showsItsFilesThroughLinks() throws IOException {
        assertTrue(write("a", "1", "dir/b", "2", "dir/deep/c", "3"));
        assertEquals(Map.of("a", "1", "dir/b", "2", "dir/deep/c", "3"), seen());
        assertEquals(Path.of("..data/a"), Files.readSymbolicLink(target().resolve("a")));
        assertEquals(Set.of("..data", "..time", "a", "dir"), names());
    }

    @Test
    void writesNothingWhenNothingChanged() throws IOException {
        write("a", "1", "dir/b", "2");
        Path data = Files.readSymbolicLink(target().resolve("..data"));
        assertFalse(write("a", "1", "dir/b", "2"));
        assertEquals(data, Files.readSymbolicLink(target().resolve("..data")));
    }

    @Test
    void followsEveryKindOfChange() throws IOException {
        write("a", "1", "b", "2", "d/x", "3");
        assertTrue(write("a", "1", "c", "4", "d", "now a file"));
        assertEquals(Map.of("a", "1", "c", "4", "d", "now a file"), seen());
        assertTrue(write("d/x", "a folder again"));
        assertEquals(Map.of("d/x", "a folder again"), seen());
        assertTrue(write());
        assertEquals(Map.of(), seen());
        assertEquals(Set.of("..data", "..time"), names());
    }

    @Test
    void aChangeOfModeIsAChange() throws IOException {
        write("a", "1");
        Payload payload = new Payload();
        payload.add("a", "1".getBytes(StandardCharsets.UTF_8), 0400);
        assertTrue(new AtomicWriter(target()).write(payload));
        assertEquals("r--------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target().resolve("a"))));
    }

    @Test
    void removesWhatAnInterruptedWriteHasLeft() throws IOException {
        write("a", "1");
        Files.createDirectories(target().resolve("..2020_01_01_00_00_00.7/half"));
        Files.createSymbolicLink(target().resolve("..data_tmp"), Path.of("..2020_01_01_00_00_00.7"));
        write("a", "2");
        assertEquals(Set.of("..data", "..time", "a"), names());
        assertEquals(Map.of("a", "2"), seen());
    }

    /** After a power cut links may lead to files that are empty or missing. */
    @Test
    void repairsFilesThatDidNotReachTheDisk() throws IOException {
        write("a", "1", "b", "2");
        Files.writeString(target().resolve("a"), "");
        assertTrue(write("a", "1", "b", "2"));
        assertEquals(Map.of("a", "1", "b", "2"), seen());
        VolumeFolders.delete(target().resolve(Files.readSymbolicLink(target().resolve("..data"))));
        assertTrue(write("a", "1", "b", "2"));
        assertEquals(Map.of("a", "1", "b", "2"), seen());
        Files.delete(target().resolve("b"));
        write("a", "1", "b", "2");
        assertEquals(Map.of("a", "1", "b", "2"), seen());
    }

    /** A workload may do to its volume what it likes; nothing outside of it is touched. */
    @Test
    void doesNotFollowLinksOfTheWorkload() throws IOException {
        Path outside = Files.createDirectories(pods.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        write("a", "1");
        Files.delete(target().resolve("..data"));
        Files.createSymbolicLink(target().resolve("..data"), outside);
        Files.createSymbolicLink(target().resolve("..2000_evil"), outside);
        Files.delete(target().resolve("a"));
        Files.createDirectory(target().resolve("a"));
        Files.createSymbolicLink(target().resolve("a/b"), outside);
        assertTrue(write("a", "1"));
        assertEquals(Map.of("a", "1"), seen());
        assertEquals("x", Files.readString(outside.resolve("precious")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "..data", "..2020", "a//b", "a/", "./a", "a\0b"})
    void refusesPathsThatLeadOutOrNowhere(String path) {
        assertThrows(IllegalArgumentException.class, () -> payload(path, "x"));
    }

    @Test
    void refusesNamesThatAreTooLongAndVolumesThatAreTooLarge() {
        assertThrows(IllegalArgumentException.class, () -> payload("x".repeat(256), ""));
        Payload payload = new Payload();
        assertThrows(IllegalArgumentException.class, () -> {
            for (int i = 0; i < 20; i++) {
                payload.add("f" + i, new byte[1 << 20], 0644);
            }
        });
        assertThrows(IllegalArgumentException.class, () -> new Payload().add("a", new byte[0], 01000));
    }

    @Test
    void aReaderNeverSeesAMixture() throws Exception {
        write("a", "0", "b", "0", "c/d", "0");
        Thread writer = new Thread(() -> {
            try {
                for (int i = 1; i <= 300; i++) {
                    write("a", "" + i, "b", "" + i, "c/d", "" + i);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }, "writer");
        writer.start();
        int whole = 0;
        while (writer.isAlive() || whole == 0) {
            try {
                Path at = target().resolve("..data").toRealPath();
                Set<String> versions = new TreeSet<>();
                for (String path : new String[] {"a", "b", "c/d"}) {
                    versions.add(Files.readString(at.resolve(path)));
                }
                assertEquals(1, versions.size(), versions.toString());
                whole++;
            } catch (java.nio.file.NoSuchFileException e) {
                continue; // the folder was exchanged and removed meanwhile; look again
            }
        }
        writer.join();
        assertEquals("300", Files.readString(target().resolve("a")));
    }

    /** Endless writes, to be killed. */
    static final class Load {
        private Load() {}

        public static void main(String[] arguments) throws IOException {
            AtomicWriter writer = new AtomicWriter(Path.of(arguments[0]));
            System.out.println("go");
            for (int i = 0; ; i++) {
                Payload payload = new Payload();
                for (int file = 0; file < 20; file++) {
                    payload.add("f" + (file + i % 5), ("" + i).getBytes(StandardCharsets.UTF_8), 0644);
                }
                writer.write(payload);
            }
        }
    }

    @Test
    @Tag("slow")
    void aKillAtAnyMomentLeavesAWholeVersion() throws Exception {
        Random random = new Random(5);
        for (int kill = 0; kill < 8; kill++) {
            Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m", "-Xshare:auto", "-cp",
                    System.getProperty("java.class.path"), Load.class.getName(), target().toString()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            assertEquals('g', child.getInputStream().read());
            TimeUnit.MILLISECONDS.sleep(40 + random.nextInt(150)); // the moment is what varies
            child.destroyForcibly().waitFor();
            if (!Files.exists(target().resolve("..data"))) {
                continue; // killed before the first version was there
            }
            Set<String> versions = new TreeSet<>();
            Path at = target().resolve("..data").toRealPath();
            try (Stream<Path> files = Files.list(at)) {
                for (Path each : (Iterable<Path>) files::iterator) {
                    versions.add(Files.readString(each));
                }
            }
            assertEquals(1, versions.size(), versions.toString());
            write("f0", "after");
            assertEquals(Map.of("f0", "after"), seen());
            assertEquals(Set.of("..data", "..time", "f0"), names());
        }
    }
}
