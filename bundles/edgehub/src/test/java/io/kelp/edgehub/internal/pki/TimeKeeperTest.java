package io.kelp.edgehub.internal.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeKeeperTest {

    private static final Instant TRUE = Instant.parse("2027-05-05T12:00:00Z");

    @TempDir Path directory;
    private Instant clock = TRUE;
    private long nanos = 77;

    private TimeKeeper keeper() {
        return new TimeKeeper(() -> clock, () -> nanos, directory.resolve("time"));
    }

    @Test
    void goesByItsOwnClockWhenNothingSpeaksAgainstIt() {
        assertEquals(TRUE, keeper().now());
        assertEquals(Duration.ZERO, keeper().ahead());
    }

    @Test
    void neverGoesBackBehindWhatHasCertainlyPassed() {
        keeper().passed(TRUE);
        clock = Instant.EPOCH;
        assertEquals(TRUE, keeper().now()); // another process: the floor was kept
        assertTrue(keeper().ahead().isNegative());
    }

    @Test
    void followsTheCloudWhenTheOwnClockIsFarOffAndMovesOnWithTheMonotonicClock() {
        clock = Instant.parse("2090-01-01T00:00:00Z");
        TimeKeeper keeper = keeper();
        keeper.learn(TRUE);
        nanos += Duration.ofMinutes(3).toNanos();
        assertEquals(TRUE.plusSeconds(180), keeper.now());
        clock = TRUE.plusSeconds(181); // somebody set it right
        assertEquals(clock, keeper.now());
    }

    @Test
    void learnsAgainAfterAnHourOnly() {
        clock = Instant.EPOCH;
        TimeKeeper keeper = keeper();
        keeper.learn(TRUE);
        keeper.learn(TRUE.plusSeconds(1000));
        assertEquals(TRUE, keeper.now());
        nanos += Duration.ofHours(1).toNanos();
        keeper.learn(TRUE.plusSeconds(9000));
        assertEquals(TRUE.plusSeconds(9000), keeper.now());
    }

    @Test
    void aCloudFromThePastIsNotBelieved() {
        TimeKeeper keeper = keeper();
        keeper.learn(Instant.EPOCH);
        assertEquals(TRUE, keeper.now());
    }

    @Test
    void aCertificateIsJudgedByTheCloudOnceItHasSpoken() {
        TimeKeeper keeper = keeper();
        Instant begin = TRUE.minusSeconds(10);
        assertEquals(List.of(TRUE, begin), keeper.candidates(begin));
        clock = Instant.EPOCH;
        assertEquals(List.of(begin), keeper.candidates(begin));
        keeper.passed(TRUE.minusSeconds(5));
        assertEquals(List.of(TRUE.minusSeconds(5)), keeper.candidates(begin));
        keeper.learn(TRUE);
        assertEquals(List.of(TRUE), keeper.candidates(begin));
    }

    @Test
    void writesTheFloorOnceADayAtMost() throws Exception {
        TimeKeeper keeper = keeper();
        keeper.passed(TRUE);
        String written = Files.readString(directory.resolve("time"));
        keeper.passed(TRUE.plusSeconds(3600));
        assertEquals(written, Files.readString(directory.resolve("time")));
        keeper.passed(TRUE.plus(Duration.ofDays(2)));
        assertEquals(TRUE.plus(Duration.ofDays(2)) + "\n", Files.readString(directory.resolve("time")));
    }

    @Test
    void aDamagedFileCountsAsNone() throws Exception {
        Files.writeString(directory.resolve("time"), "\0\0\0");
        assertEquals(TRUE, keeper().now());
    }
}
