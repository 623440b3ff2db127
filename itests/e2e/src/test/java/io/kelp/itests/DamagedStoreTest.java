package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a power cut, a worn-out card or a full one leave of the gateway's data: it runs, says so, and converges. */
@Tag("slow")
@ExtendWith(Installation.class)
class DamagedStoreTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    DamagedStoreTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    /** What is done to a gateway that does not run. */
    private interface Damage {
        void to(Path data, Path run) throws IOException;
    }

    @Test
    void truncatedDatabase() throws Exception {
        healsAfter("cut", true, (data, run) -> {
            Files.deleteIfExists(data.resolve("meta.db-wal"));
            try (RandomAccessFile file = new RandomAccessFile(data.resolve("meta.db").toFile(), "rw")) {
                file.setLength(file.length() / 2);
            }
        });
    }

    @Test
    void databaseWithFlippedBits() throws Exception {
        healsAfter("flip", true, (data, run) -> {
            Random random = new Random(11);
            try (RandomAccessFile file = new RandomAccessFile(data.resolve("meta.db").toFile(), "rw")) {
                for (int i = 0; i < 400; i++) {
                    file.seek((long) (random.nextDouble() * file.length()));
                    int old = file.read();
                    file.seek(file.getFilePointer() - 1);
                    file.write(old ^ 1 << random.nextInt(8));
                }
            }
        });
    }

    @Test
    void deletedDatabase() throws Exception {
        healsAfter("gone", false, (data, run) -> {
            for (String name : List.of("meta.db", "meta.db-wal", "meta.db.snapshot", "series.db")) {
                Files.deleteIfExists(data.resolve(name));
            }
        });
    }

    @Test
    void garbageForHistoryAndJournal() throws Exception {
        healsAfter("garbage", true, (data, run) -> {
            Files.write(data.resolve("series.db"), noise(50_000));
            try (Stream<Path> files = Files.list(run.resolve("journal"))) {
                for (Path journal : files.toList()) {
                    Files.write(journal, noise(20_000));
                }
            }
        });
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(12).nextBytes(bytes);
        return bytes;
    }

    private void healsAfter(String name, boolean told, Damage damage) throws Exception {
        try (GatewayProcess gateway = gateways.joined("damaged-" + name)) {
            gateway.start().installMapper("counter");
            String device = gateway.node() + "-c";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.counter(device, device, gateway.node()));
            plane.patch("default", "device", device, Devices.desired("ON"));
            Await.until("it counts", SOON, () -> counted(device) >= 1);
            gateway.kelp("stop").orFail();

            damage.to(gateway.home().resolve("data"), Path.of(Files.readString(gateway.home().resolve("data/run")).strip()));
            gateway.start();

            Await.until("the link is up", SOON, () -> gateway.linkState().equals("CONNECTED"));
            if (told) {
                String status = gateway.kelp("status").orFail();
                assertTrue(status.lines().anyMatch(l -> l.startsWith("problem") && l.contains("STORE")), status);
            }
            Await.until("the device is back", SOON, () -> gateway.kelp("device", "get", device).orFail().contains("ON"));
            assertTrue(gateway.kelp("mapper", "list").orFail().contains("counter"), "the mapper is still installed");
            long before = counted(device);
            Await.until("it counts again", SOON, () -> counted(device) != before && Devices.reported(plane, device, "status").equals("ON"));
            plane.patch("default", "device", device, Devices.desired("OFF"));
            Await.until("it can be switched", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));
        }
    }

    @Test
    void fullAndReadOnlyDisk() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount a small disk for this test");
        GatewayProcess gateway = gateways.fresh("small-disk");
        Path data = gateway.home().resolve("data");
        Files.createDirectories(data);
        assumeTrue(mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", data.toString()) == 0, "this machine does not let root mount");
        try (gateway) {
            gateways.join(gateway).start().installMapper("counter");
            String device = gateway.node() + "-p";
            String counter = gateway.node() + "-c";
            plane.apply(Devices.counterModel(device));
            plane.apply(Devices.plain(device, device, gateway.node(), "0"));
            plane.apply(Devices.counter(counter, device, gateway.node()));
            Await.until("the gateway has them", SOON, () -> gateway.kelp("device", "list").orFail().contains(device)
                    && Devices.reported(plane, counter, "status").equals("OFF"));
            long pid = gateway.pid();

            Path filler = data.resolve("filler");
            fill(filler);
            staysUsefulWithout(gateway, device, counter, 100, "ON");
            Files.delete(filler);
            recovers(gateway, counter, "ON");
            assertEquals(pid, gateway.pid(), "the same process all the time");

            gateway.kelp("stop").orFail();
            assertEquals(0, mount("-o", "remount,ro", data.toString()));
            gateway.start();
            staysUsefulWithout(gateway, device, counter, 200, "OFF");
            assertEquals(0, mount("-o", "remount,rw", data.toString()));
            recovers(gateway, counter, "OFF");

            gateway.kelp("stop").orFail();
            fill(filler);
            gateway.start();
            Await.until("it connects when started with a full disk", SOON, () -> gateway.linkState().equals("CONNECTED"));
            staysUsefulWithout(gateway, device, counter, 300, "ON");
            Files.delete(filler);
            recovers(gateway, counter, "ON");
        } finally {
            Shell.run(Duration.ofSeconds(10), Path.of("/"), Map.of(), List.of("umount", "-l", data.toString())).orFail();
        }
    }

    /** Reports are answered, the gateway tells what is wrong; a desired value that cannot be kept may have to wait. */
    private void staysUsefulWithout(GatewayProcess gateway, String device, String counter, int first, String desired) throws Exception {
        plane.patch("default", "device", counter, Devices.desired(desired));
        try (Reporter reporter = new Reporter(gateway.mqttPort())) {
            for (int i = 0; i < 20; i++) {
                reporter.report(device, first + i);
            }
            Await.until("each report is answered", SOON, () -> reporter.acknowledged().getOrDefault(device, 0) == first + 19);
        }
        Await.until("the newest one is in the API", SOON, () -> Devices.reported(plane, device, "value").equals("" + (first + 19)));
        Await.until("the gateway tells that it cannot write", SOON, () -> gateway.kelp("status").orFail().lines()
                .anyMatch(l -> l.startsWith("problem") && l.contains("STORE-DISK")));
    }

    private void recovers(GatewayProcess gateway, String counter, String desired) {
        Await.until("the desired value " + desired + " arrives once there is space", Duration.ofSeconds(60),
                () -> Devices.reported(plane, counter, "status").equals(desired));
        Await.until("the problem is gone", Duration.ofSeconds(60), () -> gateway.kelp("status").orFail().lines()
                .noneMatch(l -> l.startsWith("problem") && l.contains("STORE-DISK")));
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("space"), e.toString()); // full: as wanted
        }
    }

    private static int mount(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        return Shell.run(Duration.ofSeconds(10), Path.of("/"), Map.of(), command).exitCode();
    }

    private long counted(String device) {
        return Long.parseLong("0" + Devices.reported(plane, device, "count"));
    }
}
