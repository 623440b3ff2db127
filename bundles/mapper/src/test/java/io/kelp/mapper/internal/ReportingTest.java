package io.kelp.mapper.internal;

import static io.kelp.mapper.internal.FleetFixture.SECOND;
import static io.kelp.mapper.internal.FleetFixture.edited;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.Reading;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a device's values, refusals and interruptions become: reports, errors, Events. */
class ReportingTest {

    private final FleetFixture f = new FleetFixture();

    private void put(String... properties) {
        f.twins.put(FakeTwins.modern("a", "fake", "{}", properties));
        f.time.pass(Duration.ofMillis(1500));
    }

    // ---- rules ----

    @Test
    void rulesMayChangeWithoutTheDeviceBeingOpenedAnew() {
        put("x:INT");
        Device device = FakeTwins.modern("a", "fake", "{}", "x:INT");
        f.twins.put(edited(device, "'collectCycle':1000", "'collectCycle':1000,'reportCycle':5000,'visitors':{'configData':{'deadBand':10,'heartbeat':3000}}"));
        f.twins.put(edited(device, "'collectCycle':1000", "'collectCycle':1000,'reportToCloud':false,'visitors':{'configData':{'deadBand':10}}"));
        f.time.pass(SECOND);
        f.plant("a").registers.put("x", "10");
        f.time.pass(SECOND.multipliedBy(2));
        f.plant("a").registers.put("x", "11");
        f.time.pass(SECOND.multipliedBy(2));

        assertEquals(1, f.plant("a").log.stream().filter("open"::equals).count());
        assertEquals(List.of("0", "0", "11"), f.twins.values("a", "x"), "the second because the cloud is told no more");
        assertEquals(List.of(true, false, false), f.twins.readings("a", "x").stream().map(r -> r.toCloud()).toList());
    }

    @Test
    void aWrittenValueIsReportedAlthoughItLiesWithinTheDeadBand() {
        f.twins.put(edited(FakeTwins.modern("a", "fake", "{}", "x:INT:100"), "'collectCycle':1000",
                "'collectCycle':1000,'visitors':{'configData':{'deadBand':10}}"));
        f.time.pass(SECOND);
        f.twins.desire("a", "x", "101");
        f.time.pass(SECOND);
        assertEquals(List.of("100", "101"), f.twins.values("a", "x"));
    }

    @Test
    void aWrongRuleIsAMisconfigurationThatNamesIt() {
        f.twins.put(edited(FakeTwins.modern("a", "fake", "{}", "x:INT"), "'collectCycle':1000",
                "'collectCycle':1000,'visitors':{'configData':{'heartbeat':'often'}}"));
        f.time.pass(SECOND);
        assertEquals(List.of("default/a WARNING DeviceMisconfigured: device default/a, property x, key heartbeat: \"often\" is not a whole number from 0 to 604800000"),
                f.events.lines);
    }

    @Test
    void qualityAndTimeOfTheSourceArrive() {
        f.plant("a").readings.put("x", Reading.of(5).at(1_700_000_000_000L).uncertain("old calibration"));
        put("x:INT");
        var reading = f.twins.readings("a", "x").get(0);
        assertEquals("5", reading.text());
        assertEquals(Quality.UNCERTAIN, reading.quality());
        assertEquals(1_700_000_000_000L, reading.timestampMillis());
        f.plant("a").readings.put("x", Reading.of(6).at(1_600_000_000_000L));
        f.time.pass(SECOND);
        assertEquals(1, f.health("a").outdated());
    }

    @Test
    void whatIsNoNumberIsBadAndNotSilent() {
        put("x:DOUBLE");
        f.plant("a").readings.put("x", Reading.of(Double.NaN));
        f.time.pass(SECOND.multipliedBy(3));
        f.plant("a").readings.put("x", Reading.of(1.5));
        f.time.pass(SECOND);
        assertEquals(Arrays.asList("0.0", null, "1.5"), f.twins.values("a", "x"));
        assertTrue(f.health("a").lastError().startsWith("property x has no value that fits its type DOUBLE"), f.health("a").lastError());
    }

    // ---- refused values ----

    @Test
    void aRefusedValueIsAnErrorAndAnEventUntilOneIsTaken() {
        f.plant("a").refuses = "x";
        put("x:INT:5");
        String sentence = "property x was not set to \"5\", the device refused it: illegal value";
        assertEquals(List.of("a x: " + sentence), f.twins.errors);
        assertEquals(List.of("default/a WARNING DesiredValueRefused: " + sentence), f.events.lines);
        f.plant("a").refuses = "";
        f.twins.desire("a", "x", "6");
        f.time.pass(SECOND);
        assertEquals("a x: ", f.twins.errors.get(1));
        assertEquals(2, f.twins.errors.size());
        assertEquals(1, f.events.lines.size());
    }

    @Test
    void aValueBeyondTheModelIsRefusedWithItsUnit() {
        Device device = FakeTwins.modern("a", "fake", "{}", "x:INT:50");
        f.twins.put(new Device(device.id(), device.generation(), device.object(), FakeTwins.json(device.model().toString()
                .replace("\"accessMode\"", "\"minimum\":\"0\",\"maximum\":\"40\",\"unit\":\"°C\",\"accessMode\"")), "", device.twins()));
        f.time.pass(SECOND);
        assertEquals(List.of("a x: property x cannot be set to 50: allowed is 0 to 40 °C"), f.twins.errors);
    }

    @Test
    void anErrorFromBeforeARestartIsClearedWhenTheValueIsTaken() {
        f.twins.put(FakeTwins.modern("a", "none", "{}", "x:INT:5"));
        f.twins.reportError(FakeTwins.id("a"), "x", "from before");
        f.twins.errors.clear();
        Device known = f.twins.device(FakeTwins.id("a")).orElseThrow();
        FleetFixture restarted = new FleetFixture();
        restarted.twins.put(edited(known, "'protocolName':'none'", "'protocolName':'fake'"));
        restarted.time.pass(SECOND);
        assertEquals(List.of("a x: "), restarted.twins.errors);
        assertEquals(List.of(), restarted.events.lines, "it was told before the restart");
    }

    @Test
    void aRefusalByTheTwinsThemselvesIsAnEventOnce() {
        put("x:INT");
        f.twins.reportError(FakeTwins.id("a"), "x", "property x: the desired value \"warm\" is no value of type int");
        for (int i = 0; i < 3; i++) {
            f.twins.put(f.twins.device(FakeTwins.id("a")).orElseThrow());
            f.time.pass(SECOND);
        }
        assertEquals(List.of("default/a WARNING DesiredValueRefused: property x: the desired value \"warm\" is no value of type int"), f.events.lines);
    }

    @Test
    void whatWaitsForADeadDeviceSaysSo() {
        put("x:INT:5");
        f.plant("a").reachable = false;
        f.time.pass(SECOND.multipliedBy(10));
        f.twins.desire("a", "x", "6");
        f.time.pass(SECOND);
        assertEquals(List.of("a x: property x is not set to \"6\" yet, because the device does not answer"), f.twins.errors);
        f.plant("a").reachable = true;
        f.time.pass(SECOND.multipliedBy(31));
        assertEquals("a x: ", f.twins.errors.get(1));
        assertEquals("6", f.plant("a").registers.get("x"));
    }

    // ---- interruptions ----

    @Test
    void anInterruptionIsToldAndItsEndWithTheDuration() {
        put("x:INT");
        f.plant("a").reachable = false;
        f.time.pass(Duration.ofSeconds(180));
        f.plant("a").reachable = true;
        f.time.pass(Duration.ofSeconds(40));
        assertEquals(2, f.events.lines.size(), f.events.lines.toString());
        assertEquals("default/a WARNING DeviceUnreachable: Device does not answer: no route to a", f.events.lines.get(0));
        assertTrue(f.events.lines.get(1).matches("default/a NORMAL DeviceReachable: Device answers again after 3 min \\d+ s"), f.events.lines.get(1));
    }

    @Test
    void aBlipIsNotTold() {
        put("x:INT");
        for (int i = 0; i < 50; i++) {
            f.plant("a").context.lost("reset by peer");
            f.time.pass(SECOND.multipliedBy(5));
        }
        assertEquals(List.of(), f.events.lines);
    }

    @Test
    void aDeviceThatIsDeadWhenTheGatewayStartsIsTold() {
        f.plant("a").reachable = false;
        f.twins.put(FakeTwins.modern("a", "fake", "{}", "x:INT"));
        f.time.pass(SECOND.multipliedBy(3));
        assertEquals(List.of("default/a WARNING DeviceUnreachable: Device does not answer: no route to a"), f.events.lines);
    }

    @Test
    void aDeviceThatWasDeadBeforeTheRestartIsToldToBeBack() {
        Device device = FakeTwins.modern("a", "fake", "{}", "x:INT");
        f.twins.put(new Device(device.id(), device.generation(), device.object(), device.model(), "offline", device.twins()));
        f.time.pass(SECOND.multipliedBy(3));
        assertEquals(List.of("default/a NORMAL DeviceReachable: Device answers again; it did not before the gateway was started"), f.events.lines);
    }

    @Test
    void aDeviceThatComesAndGoesAllDayIsToldNowAndThenWithACount() {
        put("x:INT");
        for (int i = 0; i < 600; i++) {
            f.plant("a").reachable = false;
            f.plant("a").context.lost("cable");
            f.time.pass(SECOND.multipliedBy(4));
            f.plant("a").reachable = true;
            f.time.pass(SECOND.multipliedBy(31));
        }
        long told = f.events.lines.stream().filter(l -> l.contains("Unreachable")).count();
        long back = f.events.lines.stream().filter(l -> l.contains("DeviceReachable")).count();
        assertTrue(told > 100 && told <= 6 + 600 * 35 / 60 + 1, told + " told");
        assertTrue(told - back <= 1, told + " interruptions, " + back + " ends");
        assertTrue(f.events.lines.stream().anyMatch(l -> l.matches(".*; \\d+ interruptions before this one were not told")), "with a count");
    }

    @Test
    void anUnclearConfigurationIsToldOnceAndAgainWhenItIsAnother() {
        f.twins.put(FakeTwins.modern("a", "fake", "{'address':300}", "x:INT"));
        f.time.pass(SECOND.multipliedBy(100));
        f.twins.put(FakeTwins.modern("a", "fake", "{'address':301}", "x:INT"));
        f.time.pass(SECOND);
        assertEquals(2, f.events.lines.size(), f.events.lines.toString());
        assertTrue(f.events.lines.get(1).startsWith("default/a WARNING DeviceMisconfigured: device default/a, key address: \"301\""));
    }

    // ---- a device that is away while its connection stays ----

    @Test
    void anAbsentDeviceIsLeftInPeaceAndComesBackAtOnce() {
        put("x:INT:5");
        f.plant("a").log.clear();
        f.plant("a").context.away("last will");
        f.time.pass(SECOND.multipliedBy(200));
        f.twins.desire("a", "x", "6");
        f.time.pass(SECOND);
        assertEquals(List.of(), f.plant("a").log);
        assertEquals(State.OFFLINE, f.health("a").state());
        assertEquals(List.of("a online", "a offline"), f.twins.states);
        assertEquals(0, f.health("a").missedPolls());
        f.plant("a").context.back();
        f.time.pass(Duration.ofMillis(10));
        assertEquals(List.of("write x 6", "read"), f.plant("a").log);
        assertEquals(List.of("a online", "a offline", "a online"), f.twins.states);
        assertEquals(List.of("default/a WARNING DeviceUnreachable: Device does not answer: last will",
                "default/a NORMAL DeviceReachable: Device answers again after 3 min 21 s"), f.events.lines);
        assertEquals("a x: ", f.twins.errors.get(1));
    }

    @Test
    void aValueFromAnAbsentDeviceEndsItsAbsence() {
        put("x:INT");
        f.plant("a").context.away("silent");
        f.time.pass(SECOND);
        f.plant("a").context.publish("x", Reading.of(7));
        f.time.pass(Duration.ofMillis(1));
        assertEquals(State.ONLINE, f.health("a").state());
        assertTrue(f.twins.values("a", "x").contains("7"));
    }

    @Test
    void anAbsentDeviceWhoseConnectionIsLostIsOpenedAnew() {
        put("x:INT");
        f.plant("a").context.away("silent");
        f.time.pass(SECOND);
        f.plant("a").context.lost("and now the broker");
        f.time.pass(SECOND.multipliedBy(5));
        assertEquals(State.ONLINE, f.health("a").state());
        assertEquals(1, f.plant("a").open);
    }
}
