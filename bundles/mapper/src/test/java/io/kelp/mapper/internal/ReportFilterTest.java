package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import io.kelp.mapper.internal.ReportFilter.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which values are reported: dead band, heartbeat, cycles, quality, time stamps. */
class ReportFilterTest {

    private static final long START = 1_700_000_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private final ReportFilter filter = new ReportFilter();
    private long nanos;
    private final List<String> reported = new ArrayList<>();

    private static ReportRule rule(String deadBand, long cycleMillis, long heartbeatMillis) throws ConfigurationException {
        return new ReportRule(Duration.ofMillis(cycleMillis), DeadBand.of(new Settings("p", deadBand.isEmpty() ? Map.of() : Map.of("deadBand", deadBand)), "deadBand"),
                Duration.ofMillis(heartbeatMillis), true);
    }

    /** One reading per second; what may be sent is sent. */
    private void read(String text, Quality quality, long stamp) {
        boolean waits = filter.take(text, quality, stamp, START + nanos / 1_000_000, nanos) == Verdict.WAITS;
        if (waits && filter.due(nanos) <= 0) {
            reported.add(filter.send(nanos).text());
        }
        nanos += SECOND;
    }

    @Test
    void aReadingALittleBeforeItsTurnIsSentAndTheCycleStaysAsLongAsItIs() throws ConfigurationException {
        filter.rule(rule("", 1000, 0));
        int sent = 0;
        for (int i = 0; i <= 1000; i++) { // a new value each 10 ms
            boolean waits = filter.take("v" + i, Quality.GOOD, 0, START + nanos / 1_000_000, nanos) == Verdict.WAITS;
            if (waits && filter.due(nanos) <= 0) {
                filter.send(nanos);
                sent++;
            }
            nanos += SECOND / 100;
        }
        assertEquals(11, sent, "in ten seconds, the first at once");
    }

    private List<String> good(String... texts) {
        for (String text : texts) {
            read(text, Quality.GOOD, 0);
        }
        return reported;
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        // dead band, reported last, new value, whether it is near enough
        "'',      20,     20,       true",
        "'',      20,     20.0,     false",
        "0,       20,     20.0001,  false",
        "0.5,     20,     20.5,     true",
        "0.5,     20,     20.51,    false",
        "0.5,     20,     19.5,     true",
        "0.5,     20,     19.49,    false",
        "0.1,     20.1,   20.2,     true",
        "0.1,     -0.05,  0.05,     true",
        "0.1,     -0.05,  0.06,     false",
        "2 %,     100,    102,      true",
        "2 %,     100,    102.1,    false",
        "2%,      -100,   -98,      true",
        "2%,      -100,   -97.9,    false",
        "2 %,     0,      0.0001,   false",
        "2 %,     0,      0,        true",
        "100 %,   5,      0,        true",
        "100 %,   5,      -0.1,     false",
        "1e3,     0,      1000,     true",
        "5,       text,   1,        false",
        "5,       -,      1,        false",
        "1,       9223372036854775807, 9223372036854775806, true",
        "0.5,     9223372036854775807, 9223372036854775806, false"})
    void aDeadBandIsReckonedAgainstTheValueReportedLast(String band, String last, String now, boolean near) throws Exception {
        assertEquals(near, last != null && rule(band, 0, 0).deadBand().covers(last, now));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "two", "2 percent", "%", "NaN", "1e999", "1 % %", "0x1"})
    void aDeadBandThatIsNoneIsRefusedWithWordsThatHelp(String text) {
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> rule(text, 0, 0));
        assertEquals("p, key deadBand: \"" + text + "\" is not a number that is not negative, or such a number and %, for example 0.5 or \"2 %\"", e.getMessage());
    }

    @Test
    void driftIsReportedAlthoughEachStepIsSmall() throws Exception {
        filter.rule(rule("1", 0, 0));
        assertEquals(List.of("0", "1.2", "2.4"), good("0", "0.4", "0.8", "1.2", "1.6", "2.0", "2.4"));
    }

    @Test
    void anUnchangedValueIsRepeatedAtTheHeartbeatAndNotWithoutOne() throws Exception {
        filter.rule(rule("", 0, 3_000));
        assertEquals(List.of("1", "1", "1", "2", "2"), good("1", "1", "1", "1", "1", "1", "1", "2", "2", "2", "2"));
        reported.clear();
        filter.rule(rule("", 0, 0));
        assertEquals(List.of(), good("2", "2", "2", "2", "2", "2"));
    }

    @Test
    void aHeartbeatWithinTheDeadBandTellsTheNewestValue() throws Exception {
        filter.rule(rule("10", 0, 3_000));
        assertEquals(List.of("1", "4"), good("1", "2", "3", "4"));
    }

    @Test
    void aReportCycleHoldsValuesBackButNotAQualityThatChanges() throws Exception {
        filter.rule(rule("", 60_000, 0));
        good("1", "2", "3");
        read(null, Quality.BAD, 0);
        read(null, Quality.BAD, 0);
        read("4", Quality.UNCERTAIN, 0);
        read("5", Quality.UNCERTAIN, 0);
        good("6");
        assertEquals(java.util.Arrays.asList("1", null, "4", "6"), reported);
    }

    @Test
    void valuesOlderThanTheLastAreDropped() {
        read("1", Quality.GOOD, START);
        read("2", Quality.GOOD, START + 5_000);
        assertEquals(Verdict.OUTDATED, filter.take("1.5", Quality.GOOD, START + 3_000, 0, nanos));
        read("3", Quality.GOOD, START + 5_000);
        read("4", Quality.GOOD, START + 6_000);
        assertEquals(List.of("1", "2", "3", "4"), reported);
    }

    @Test
    void aDeviceWhoseClockWasSetBackIsHeardAgainAfterAWhile() {
        read("1", Quality.GOOD, START + 3_600_000);
        for (int i = 0; i < 20; i++) {
            read("v" + i, Quality.GOOD, START + i * 1000L);
        }
        assertEquals("1", reported.get(0));
        assertEquals("v10", reported.get(1), "ten seconds after the first that was behind");
        assertEquals(11, reported.size());
    }

    @Test
    void aClockThatNobodyHasSetSaysNothing() {
        read("1", Quality.GOOD, START);
        read("2", Quality.GOOD, 12_345);
        assertEquals(List.of("1", "2"), reported);
        assertEquals(START + SECOND / 1_000_000, filter.newest().timestampMillis(), "the gateway's time takes its place");
    }

    @Test
    void reportToCloudThatChangesIsAChange() throws Exception {
        good("1");
        filter.rule(new ReportRule(Duration.ZERO, DeadBand.NONE, Duration.ZERO, false));
        good("1");
        assertFalse(filter.newest().toCloud());
        assertEquals(List.of("1", "1"), reported);
    }

    @Test
    void rulesComeFromTheVisitorAndAreTakenOutOfIt() throws Exception {
        ReportRule.Defaults defaults = new ReportRule.Defaults(Duration.ofMinutes(5), true);
        Map<String, Object> visitor = new LinkedHashMap<>(Map.of("DeadBand", "2 %", "heartbeat", 1500, "register", "CoilRegister"));
        ReportRule rule = ReportRule.take("p", visitor, PropertyType.INT, Duration.ofSeconds(1), Boolean.FALSE, defaults);
        assertEquals(Map.of("register", "CoilRegister"), visitor);
        assertEquals(new ReportRule(Duration.ofSeconds(1), new DeadBand(new java.math.BigDecimal("2"), true), Duration.ofMillis(1500), false), rule);
        assertEquals(Duration.ofMinutes(5), ReportRule.take("p", new LinkedHashMap<>(), PropertyType.INT, Duration.ofSeconds(1), null, defaults).heartbeat());
        assertEquals(Duration.ZERO, ReportRule.take("p", new LinkedHashMap<>(), PropertyType.INT, Duration.ZERO, null, defaults).heartbeat());
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> ReportRule.take("device default/a, property x",
                new LinkedHashMap<>(Map.of("deadBand", 1)), PropertyType.STRING, Duration.ZERO, null, defaults));
        assertEquals("device default/a, property x, key deadBand: \"1\" is not possible for type STRING, it is for INT, FLOAT and DOUBLE", e.getMessage());
        assertThrows(ConfigurationException.class, () -> ReportRule.take("p", new LinkedHashMap<>(Map.of("heartbeat", -1)), PropertyType.INT, Duration.ZERO, null, defaults));
    }

    /** At random: what is known above lags behind by no more than the dead band, after no longer than the cycle. */
    @Test
    void whatIsReportedIsNeverFurtherFromTheTruthThanTheDeadBand() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int band = random.nextInt(5);
            int cycle = random.nextInt(4) * 1000;
            ReportFilter each = new ReportFilter();
            each.rule(rule(String.valueOf(band), cycle, 0));
            int value = 0;
            int known = Integer.MIN_VALUE / 2;
            long sentAt = -1_000_000 * SECOND;
            for (long now = 0; now < 300 * SECOND; now += SECOND) {
                value += random.nextInt(7) - 3;
                boolean waits = each.take(String.valueOf(value), Quality.GOOD, 0, START, now) == Verdict.WAITS;
                if (waits && each.due(now) <= 0) {
                    known = Integer.parseInt(each.send(now).text());
                    assertTrue(now - sentAt >= cycle * 1_000_000L, "seed " + seed);
                    sentAt = now;
                }
                assertTrue(Math.abs(value - known) <= band || now - sentAt < cycle * 1_000_000L, "seed " + seed + " at " + now);
            }
        }
    }
}
