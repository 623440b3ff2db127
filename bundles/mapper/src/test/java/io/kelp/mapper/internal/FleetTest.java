package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.Reading;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FleetTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final ReportRule.Defaults DEFAULTS = new ReportRule.Defaults(Duration.ofSeconds(60), true);

    private final FakeTimeline time = new FakeTimeline();
    private final FakeTwins twins = new FakeTwins();
    private final RuntimeContext context = new RuntimeContext(time, time, new Random(7), Duration.ofSeconds(5),
            Duration.ofSeconds(1), Duration.ofSeconds(30));
    private final RecordedEvents events = new RecordedEvents();
    private final Fleet fleet = new Fleet(context, twins, new DeviceConfigReader(Duration.ofMillis(50), DEFAULTS), 100, events);
    private final FakeDevices driver = new FakeDevices("fake");
    private final DriverRef ref = DriverRef.of(driver, 0, 1);

    FleetTest() {
        twins.watch(fleet);
    }

    private DeviceHealth health(String name) {
        return fleet.devices().stream().filter(h -> h.device().equals("default/" + name)).findFirst().orElseThrow();
    }

    @Test
    void writesWhatIsDesiredBeforeItReads() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5"));
        time.pass(Duration.ofMillis(10));

        assertEquals(List.of("open", "write x 5", "read"), driver.plant("a").log);
        assertEquals(List.of("5"), twins.values("a", "x"));
        assertEquals(List.of("a online"), twins.states);
        assertEquals(State.ONLINE, health("a").state());
    }

    @Test
    void readsEachCycleAndReportsChangesOnly() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        time.pass(Duration.ofMillis(3500));
        driver.plant("a").registers.put("x", "7");
        time.pass(SECOND.multipliedBy(3));

        assertEquals(List.of("0", "7"), twins.values("a", "x"));
        assertEquals(7, health("a").reads());
        assertEquals(0, health("a").missedPolls());
    }

    @Test
    void anyOrderOfDeviceAndDriverWillDo() {
        twins.put(FakeTwins.modern("a", "FAKE", "{}", "x:INT"));
        time.pass(SECOND);
        assertEquals(State.UNDRIVEN, health("a").state());
        fleet.driverCame(ref);
        time.pass(SECOND);
        assertEquals(State.ONLINE, health("a").state());
    }

    @Test
    void appliesDesiredAgainWhenTheDeviceIsBack() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5", "y:STRING:on"));
        time.pass(SECOND);
        FakeDevices.Plant plant = driver.plant("a");
        plant.reachable = false;
        time.pass(Duration.ofMinutes(10));
        assertEquals(State.OFFLINE, health("a").state());
        assertEquals(List.of("a online", "a offline"), twins.states);
        assertTrue(plant.log.stream().filter("open failed"::equals).count() > 600 / 35, "keeps trying");
        twins.desire("a", "x", "6");
        plant.registers.clear();
        plant.reachable = true;
        time.pass(Duration.ofSeconds(31));

        assertEquals("6", plant.registers.get("x"));
        assertEquals("on", plant.registers.get("y"));
        assertEquals(List.of("a online", "a offline", "a online"), twins.states);
        assertEquals("6", twins.values("a", "x").get(twins.values("a", "x").size() - 1));
    }

    @Test
    void oneShortFailureIsNotToldToTheCloud() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        time.pass(SECOND);
        driver.plant("a").context.lost("reset by peer");
        time.pass(SECOND.multipliedBy(2));

        assertEquals(List.of("a online"), twins.states);
        assertEquals(2, driver.plant("a").log.stream().filter("open"::equals).count());
        assertEquals(1, driver.plant("a").open);
        assertEquals("reset by peer", health("a").lastError());
    }

    @Test
    void aChangedDesiredValueIsWrittenAtOnceAndOnlyOnce() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5"));
        time.pass(Duration.ofMillis(1500));
        driver.plant("a").log.clear();
        twins.desire("a", "x", "6");
        time.pass(Duration.ofMillis(1));
        assertEquals(List.of("write x 6", "read"), driver.plant("a").log);
        twins.put(twins.device(FakeTwins.id("a")).orElseThrow());
        time.pass(SECOND.multipliedBy(5));
        assertEquals(1, driver.plant("a").log.stream().filter(l -> l.startsWith("write")).count());
    }

    @Test
    void aRefusedValueIsAProblemUntilItChanges() {
        driver.plant("a").refuses = "x";
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5"));
        time.pass(Duration.ofMinutes(1));

        assertEquals(State.ONLINE, health("a").state());
        assertEquals(1, driver.plant("a").log.stream().filter("write x 5"::equals).count());
        assertEquals("Device default/a: property x was not set to \"5\", the device refused it: illegal value",
                fleet.problems().get(0).sentence());

        driver.plant("a").refuses = "";
        twins.desire("a", "x", "4");
        time.pass(SECOND);
        assertEquals(List.of(), fleet.problems());
        assertEquals("4", driver.plant("a").registers.get("x"));
    }

    @Test
    void aValueOfTheWrongTypeNeverReachesTheDevice() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:five"));
        time.pass(SECOND);

        assertFalse(driver.plant("a").log.stream().anyMatch(l -> l.startsWith("write")));
        assertEquals("Device default/a: property x cannot be set: \"five\" is not a whole number of 64 bits",
                fleet.problems().get(0).sentence());
    }

    @Test
    void aValueThatIsNotTakenIsWrittenThreeTimesAndThenAProblem() {
        driver.plant("a").stuck = true;
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5"));
        time.pass(Duration.ofSeconds(20));

        assertEquals(3, driver.plant("a").log.stream().filter("write x 5"::equals).count());
        assertEquals("Device default/a: property x was set to \"5\" 3 times, but the device still says \"0\"",
                fleet.problems().get(0).sentence());
        driver.plant("a").registers.put("x", "5");
        time.pass(SECOND.multipliedBy(2));
        assertEquals(List.of(), fleet.problems());
    }

    @Test
    void aMisconfiguredDeviceIsToldAndNotTriedUntilItChanges() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{'address':300}", "x:INT"));
        time.pass(Duration.ofMinutes(1));
        assertEquals("device default/a, key address: \"300\" is not a whole number from 0 to 255", fleet.problems().get(0).sentence());
        assertEquals(List.of(), driver.plant("a").log);

        twins.put(FakeTwins.modern("a", "fake", "{'Address':'30'}", "x:INT"));
        time.pass(SECOND);
        assertEquals(State.ONLINE, health("a").state());
        assertEquals(List.of(), fleet.problems());
    }

    @Test
    void aDeviceThatBecomesMisconfiguredIsNotCalledOnlineAnyMore() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        time.pass(SECOND);
        twins.put(FakeTwins.modern("a", "fake", "{'address':300}", "x:INT"));
        time.pass(Duration.ofSeconds(10));
        assertEquals(State.MISCONFIGURED, health("a").state());
        assertEquals(List.of("a online", "a unknown"), twins.states);

        twins.put(FakeTwins.modern("a", "fake", "{'address':30}", "x:INT"));
        time.pass(SECOND);
        assertEquals(List.of("a online", "a unknown", "a online"), twins.states);
    }

    @Test
    void aDeviceOfAnotherProtocolThatNobodySpeaksIsNotCalledOnlineAnyMore() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        time.pass(SECOND);
        twins.put(FakeTwins.modern("a", "other", "{}", "x:INT"));
        time.pass(Duration.ofSeconds(10));
        assertEquals(State.UNDRIVEN, health("a").state());
        assertEquals(List.of("a online", "a unknown"), twins.states);
    }

    @Test
    void aDeviceThatWasNeverDrivenHasNoState() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{'address':300}", "x:INT"));
        time.pass(Duration.ofMinutes(1));
        assertEquals(List.of(), twins.states);
    }

    @Test
    void aNewConfigurationOpensAnewWithoutTouchingOthers() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        twins.put(FakeTwins.modern("b", "fake", "{}", "x:INT"));
        time.pass(SECOND);
        twins.put(FakeTwins.modern("a", "fake", "{'address':2}", "x:INT"));
        time.pass(SECOND);
        twins.remove(FakeTwins.id("a"));
        time.pass(SECOND);

        assertEquals(2, driver.plant("a").log.stream().filter("close"::equals).count());
        assertEquals(0, driver.plant("a").open);
        assertEquals(List.of("open", "read", "read", "read", "read"), driver.plant("b").log.subList(0, 5));
        assertEquals(1, fleet.devices().size());
    }

    @Test
    void aDriverThatGoesClosesItsDevicesAndASuccessorTakesThem() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT:5"));
        time.pass(SECOND);
        fleet.driverGoes(ref, 0);
        time.pass(SECOND);
        assertEquals(0, driver.plant("a").open);
        assertEquals(State.UNDRIVEN, health("a").state());
        assertEquals(1, time.renewed);

        FakeDevices successor = new FakeDevices("fake");
        fleet.driverCame(DriverRef.of(successor, 0, 2));
        time.pass(Duration.ofSeconds(10));
        assertEquals("5", successor.plant("a").registers.get("x"));
        assertEquals(List.of("a online"), twins.states, "a swap of a mapper is nobody's business");

        fleet.driverGoes(DriverRef.of(successor, 0, 2), 0);
        time.pass(Duration.ofSeconds(10));
        assertEquals(List.of("a online", "a unknown"), twins.states);
    }

    @Test
    void aCallThatHangsDelaysNoOtherDeviceAndIsAProblem() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        twins.put(FakeTwins.modern("b", "fake", "{}", "x:INT"));
        time.pass(Duration.ofMillis(1500));
        time.callTime = new java.util.function.Supplier<>() {
            private boolean first = true;

            @Override
            public Duration get() {
                boolean hang = first;
                first = false;
                return hang ? Duration.ofSeconds(30) : Duration.ZERO;
            }
        };
        time.pass(Duration.ofSeconds(20));
        assertEquals(State.HUNG, health("a").state());
        assertEquals("DEVICE-HUNG", fleet.problems().get(0).code());
        assertEquals(22, health("b").reads());
        time.pass(Duration.ofSeconds(20));
        assertEquals(State.ONLINE, health("a").state());
        assertEquals(1, driver.plant("a").open);
    }

    @Test
    void devicesOfOneBusAreServedOneAfterTheOther() {
        time.callTime = () -> Duration.ofMillis(100);
        fleet.driverCame(ref);
        for (String name : List.of("a", "b", "c")) {
            twins.put(FakeTwins.modern(name, "fake", "{'bus':'ttyS1'}", "x:INT"));
        }
        time.pass(Duration.ofMillis(450));
        int calls = driver.plants.values().stream().mapToInt(p -> p.log.size()).sum();
        assertEquals(3, calls, "asked for its lane at 100 ms, then one call each 100 ms");
        time.pass(Duration.ofSeconds(10));
        assertTrue(fleet.devices().stream().allMatch(h -> h.reads() >= 9), fleet.devices().toString());
    }

    @Test
    void publishedValuesAreReportedWithoutPolls() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:DOUBLE"));
        time.pass(Duration.ofMillis(10));
        driver.plant("a").context.publish("x", Reading.of(1.5));
        driver.plant("a").context.publish("x", Reading.of(2.5));
        driver.plant("a").context.publish("nothing", Reading.of(2.5));
        driver.plant("a").context.publish("x", Reading.bad("sensor broken"));
        time.pass(Duration.ofMillis(10));
        assertEquals(Arrays.asList("0.0", null), twins.values("a", "x"), "the newest is bad");
        driver.plant("a").context.publish("x", Reading.of(3.5));
        time.pass(Duration.ofMillis(10));
        assertEquals(Arrays.asList("0.0", null, "3.5"), twins.values("a", "x"));
    }

    @Test
    void whatTheTwinsDidNotTakeIsReportedAgain() {
        fleet.driverCame(ref);
        twins.refusal = new IllegalStateException("disk full");
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        time.pass(SECOND.multipliedBy(3));
        assertEquals(List.of(), twins.values("a", "x"));
        twins.refusal = null;
        time.pass(SECOND.multipliedBy(2));
        assertEquals(List.of("0"), twins.values("a", "x"));
    }

    @Test
    void oneValueThatIsNotAllowedKeepsNoOtherAway() {
        fleet.driverCame(ref);
        driver.plant("a").registers.put("x", "bad\nline");
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:STRING", "y:STRING"));
        time.pass(SECOND);
        assertEquals(List.of(), twins.values("a", "x"));
        assertEquals(List.of("0"), twins.values("a", "y"));
        assertTrue(health("a").lastError().startsWith("a value was not taken: "));
    }

    @Test
    void aPropertyThatIsNeverTakenGoesAloneSoThatTheOthersAreNotRefusedEachTime() {
        fleet.driverCame(ref);
        twins.put(FakeTwins.modern("a", "fake", "{}", "x:STRING", "y:STRING"));
        for (int i = 0; i < 5; i++) {
            driver.plant("a").registers.put("x", "bad\nline " + i);
            driver.plant("a").registers.put("y", "good " + i);
            time.pass(SECOND);
        }
        assertEquals(List.of("good 0", "good 1", "good 2", "good 3", "good 4"), twins.values("a", "y").stream().filter(y -> y.startsWith("good")).toList());
        assertEquals(1, twins.refused.stream().filter(properties -> properties.contains("y")).count());

        driver.plant("a").registers.put("x", "fine");
        driver.plant("a").registers.put("y", "good 5");
        time.pass(SECOND);
        assertEquals(List.of("fine"), twins.values("a", "x"));
    }

    @Test
    void aReportCycleBoundsHowOftenAValueIsReported() {
        fleet.driverCame(ref);
        Device often = FakeTwins.modern("a", "fake", "{}", "x:INT");
        twins.put(new Device(often.id(), often.generation(),
                FakeTwins.json(often.object().toString().replace("\"collectCycle\":1000", "\"collectCycle\":1000,\"reportCycle\":10000")),
                often.model(), "", often.twins()));
        for (int i = 1; i <= 35; i++) {
            time.pass(SECOND);
            driver.plant("a").registers.put("x", String.valueOf(i));
        }
        assertEquals(4, twins.values("a", "x").size(), twins.values("a", "x").toString());
        fleet.driverGoes(ref, 0);
        time.pass(Duration.ofMillis(1));
        assertEquals(5, twins.values("a", "x").size(), "the newest is handed on when the driver goes");
        assertEquals("34", twins.values("a", "x").get(4));
    }

    @Test
    void aModernDeviceWaitsForItsModel() {
        fleet.driverCame(ref);
        Device whole = FakeTwins.modern("a", "fake", "{}", "x:INT");
        twins.put(new Device(whole.id(), whole.generation(), whole.object(), null, "", whole.twins()));
        time.pass(SECOND);
        assertEquals(State.NO_MODEL, health("a").state());
        twins.put(whole);
        time.pass(SECOND);
        assertEquals(State.ONLINE, health("a").state());
    }

    @Test
    void theFirstReportOfADeviceIsMadeEvenIfTheTwinHasThatValue() {
        fleet.driverCame(ref);
        Device device = FakeTwins.modern("a", "fake", "{}", "x:INT");
        twins.put(new Device(device.id(), Generation.MODERN, device.object(), device.model(), "",
                Map.of("x", new Twin("int", null, new Value("0", 1)))));
        time.pass(SECOND);
        assertEquals(List.of("0"), twins.values("a", "x"));
    }

    /** Devices, bus, driver, desired values and faults at random for a day; afterwards everything is as it should be. */
    @Test
    @Tag("slow")
    void convergesAfterADayOfRandomFaults() {
        for (int seed = 1; seed <= 5; seed++) {
            new FleetTest().randomDay(new Random(seed), seed);
        }
    }

    private void randomDay(Random random, int seed) {
        time.callTime = () -> random.nextInt(400) == 0 ? Duration.ofSeconds(random.nextInt(1, 12)) : Duration.ofMillis(random.nextInt(20));
        fleet.driverCame(ref);
        boolean here = true;
        for (int i = 0; i < 12; i++) {
            twins.put(FakeTwins.modern("d" + i, "fake", "{'bus':'" + (i < 6 ? "ttyS1" : "own" + i) + "'}", "x:INT:1", "y:STRING:a"));
        }
        for (int step = 0; step < 2_000; step++) {
            String name = "d" + random.nextInt(12);
            switch (random.nextInt(7)) {
                case 0 -> driver.plant(name).reachable = !driver.plant(name).reachable;
                case 1 -> twins.desire(name, "x", String.valueOf(random.nextInt(1000)));
                case 2 -> twins.desire(name, "y", "t" + random.nextInt(1000));
                case 3 -> driver.plant(name).registers.clear(); // power cut at the device, seen as a lost connection
                case 4 -> {
                    if (driver.plant(name).context != null) {
                        driver.plant(name).context.lost("reset");
                    }
                }
                case 5 -> twins.put(FakeTwins.modern(name, "fake", "{'address':" + random.nextInt(255) + ",'bus':'b" + random.nextInt(3) + "'}",
                        "x:INT:" + random.nextInt(1000), "y:STRING:b"));
                default -> {
                    if (random.nextInt(20) == 0) {
                        if (here) {
                            fleet.driverGoes(ref, 0);
                        } else {
                            fleet.driverCame(ref);
                        }
                        here = !here;
                    }
                }
            }
            if (driver.plant(name).registers.isEmpty() && driver.plant(name).context != null) {
                driver.plant(name).context.lost("power cut");
            }
            time.pass(Duration.ofMillis(random.nextInt(30_000)));
        }
        if (!here) {
            fleet.driverCame(ref);
        }
        driver.plants.values().forEach(p -> p.reachable = true);
        time.callTime = () -> Duration.ofMillis(1);
        time.pass(Duration.ofMinutes(5));

        assertEquals(new TreeSet<>(Collections.singleton(State.ONLINE)), new TreeSet<>(fleet.devices().stream().map(DeviceHealth::state).toList()));
        for (Device device : twins.devices()) {
            FakeDevices.Plant plant = driver.plant(device.id().name());
            assertEquals(1, plant.open, device.id() + " is open once, seed " + seed);
            device.twins().forEach((property, twin) -> {
                assertEquals(twin.desired().text(), plant.registers.get(property), device.id() + " " + property + ", seed " + seed);
                assertEquals(twin.desired().text(), twin.reported().text(), device.id() + " " + property + " reported, seed " + seed);
            });
        }
        assertEquals(List.of(), fleet.problems());
    }
}
