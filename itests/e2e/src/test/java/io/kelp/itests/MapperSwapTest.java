package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A mapper is exchanged 50 times while its devices and those of another one count; the devices themselves say how it was. */
@Tag("slow")
@ExtendWith(Installation.class)
class MapperSwapTest {

    private static final int SWAPS = 50;
    private static final int DEVICES = 3;
    private static final long CYCLE_MILLIS = 200;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Pattern LINE = Pattern.compile("(\\d+) (\\S+) (open|read|write|close) ?(.*)");

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    MapperSwapTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void fiftySwapsCostNeitherAPollNorAValueNorMemory() throws Exception {
        try (GatewayProcess gateway = gateways.joined("swap")) {
            Path jars = Installation.work().resolve("swap-jars");
            CounterJar counter = new CounterJar(gateway.home());
            gateway.start().installMapper("counter");
            gateway.kelp("mapper", "install", counter.other(jars, "tally").toString()).orFail();
            plane.apply(Devices.counterModel(gateway.node()));
            for (int i = 0; i < DEVICES; i++) {
                plane.apply(device(gateway, "s" + i, "counter"));
                plane.apply(device(gateway, "o" + i, "tally"));
            }
            for (int i = 0; i < DEVICES; i++) {
                String swapped = id(gateway, "s" + i);
                String other = id(gateway, "o" + i);
                Await.until("all devices count", SOON, () -> lastCount(gateway, "swapped.log", swapped) >= 1 && lastCount(gateway, "other.log", other) >= 1);
            }
            gateway.kelp("mapper", "update", counter.version(jars, "0.1.1").toString()).orFail();
            long loadersBefore = classLoaders(gateway);
            long begin = System.currentTimeMillis();

            String switched = id(gateway, "s0");
            for (int swap = 1; swap <= SWAPS; swap++) {
                Path jar = counter.version(jars, "0.2." + swap);
                long before = writes(gateway, switched);
                gateway.kelp("device", "set", gateway.node() + "-s0", "status", swap % 2 == 0 ? "ON" : "OFF").orFail();
                gateway.kelp("mapper", "update", jar.toString()).orFail();
                Await.until("what was set before swap " + swap + " is written", SOON, () -> writes(gateway, switched) > before);
            }

            long end = System.currentTimeMillis();
            assertTrue(gateway.kelp("mapper", "list").orFail().contains("0.2." + SWAPS));
            assertNoPollMissed(gateway, begin, end);
            assertCountsWithoutGap(gateway, end);
            assertTrue(classLoaders(gateway) <= loadersBefore + 1, "class loaders of " + SWAPS + " swapped mappers are collected: before "
                    + loadersBefore + ", after " + classLoaders(gateway));

            gateway.kelp("restart").orFail();
            String list = gateway.kelp("mapper", "list").orFail();
            assertTrue(list.contains("0.2." + SWAPS) && list.contains("tally"), list);
            for (String device : List.of(id(gateway, "s1"), id(gateway, "o1"))) {
                String log = device.contains("-s") ? "swapped.log" : "other.log";
                long last = lastCount(gateway, log, device);
                Await.until(device + " counts on after a restart", SOON, () -> lastCount(gateway, log, device) > last);
            }
        }
    }

    /** Every cycle had its poll, and the other mapper's devices were neither closed nor opened. */
    private static void assertNoPollMissed(GatewayProcess gateway, long begin, long end) throws IOException {
        Map<String, List<Long>> polls = new HashMap<>();
        for (Matcher line : log(gateway, "other.log")) {
            long time = Long.parseLong(line.group(1));
            if (time >= begin && time <= end) {
                assertTrue(line.group(3).equals("read") || line.group(3).equals("write"), "the other mapper's device saw: " + line.group());
                if (line.group(3).equals("read")) {
                    polls.computeIfAbsent(line.group(2), d -> new ArrayList<>()).add(time);
                }
            }
        }
        assertEquals(DEVICES, polls.size());
        polls.forEach((device, times) -> {
            long expected = (end - begin) / CYCLE_MILLIS;
            assertTrue(Math.abs(times.size() - expected) <= 2, device + ": " + times.size() + " polls instead of " + expected);
        });
    }

    /** A count that nobody switches is read one by one: no number is left out, none comes back. */
    private static void assertCountsWithoutGap(GatewayProcess gateway, long end) throws IOException {
        Map<String, Long> counts = new HashMap<>();
        String switched = id(gateway, "s0");
        for (Matcher line : log(gateway, "swapped.log")) {
            if (line.group(3).equals("read") && !line.group(2).equals(switched)) {
                long count = Long.parseLong(line.group(4));
                Long before = counts.put(line.group(2), count);
                assertTrue(before == null || count == before || count == before + 1 || before == 0, line.group() + " follows " + before);
            }
        }
        assertEquals(DEVICES - 1, counts.size());
    }

    private long writes(GatewayProcess gateway, String device) throws IOException {
        return log(gateway, "swapped.log").stream().filter(l -> l.group(2).equals(device) && l.group(3).equals("write")).count();
    }

    private static long lastCount(GatewayProcess gateway, String log, String device) throws IOException {
        long last = 0;
        for (Matcher line : log(gateway, log)) {
            if (line.group(2).equals(device) && line.group(3).equals("read")) {
                last = Long.parseLong(line.group(4));
            }
        }
        return last;
    }

    private static List<Matcher> log(GatewayProcess gateway, String name) throws IOException {
        Path file = gateway.home().resolve("log").resolve(name);
        List<Matcher> lines = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    lines.add(matcher);
                }
            }
        }
        return lines;
    }

    private static String id(GatewayProcess gateway, String name) {
        return "default/" + gateway.node() + "-" + name;
    }

    /** Live class loaders of bundles, counted after a full collection. */
    private static long classLoaders(GatewayProcess gateway) {
        String histogram = Shell.run(Duration.ofSeconds(30), gateway.home(), Map.of(),
                List.of("jcmd", "" + gateway.pid(), "GC.class_histogram")).orFail();
        return histogram.lines().filter(l -> l.matches(".*\\.BundleWiringImpl\\$BundleClassLoader\\b.*"))
                .mapToLong(l -> Long.parseLong(l.strip().split("\\s+")[1])).sum();
    }

    private static String device(GatewayProcess gateway, String name, String protocol) {
        return Devices.counter(gateway.node() + "-" + name, gateway.node(), gateway.node())
                .replace("protocolName: counter, configData: {}",
                        "protocolName: %s, configData: {log: %s}".formatted(protocol, protocol.equals("counter") ? "swapped.log" : "other.log"))
                .replace("value: 'OFF'", "value: 'ON'");
    }
}
