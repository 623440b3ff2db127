package io.kelp.edgehub.internal.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The best time known. Gateways without a battery start in 1970, and some run years ahead; neither
 * may stop the link. Three sources, the better first:
 *
 * <ol>
 *   <li>what the authenticated cloud said, moved on by the monotonic clock;
 *   <li>the gateway's own clock, when it is not before the floor;
 *   <li>the floor: the latest moment that has certainly passed (when this program was made, the
 *       certificates were issued, or the cloud last said the time), kept in a file.
 * </ol>
 *
 * <p>Safe for use by several threads.
 */
public final class TimeKeeper {

    /** No Kelp is older than this. */
    static final Instant MADE = Instant.parse("2026-11-01T00:00:00Z");

    /** More than this between own clock and cloud is worth telling an operator. */
    public static final Duration TOLERATED = Duration.ofMinutes(5);

    private static final Duration FLOOR_STEP = Duration.ofDays(1);
    private static final Logger LOG = LoggerFactory.getLogger(TimeKeeper.class);

    private final InstantSource own;
    private final LongSupplier nanos;
    private final Path file;
    private Instant floor; // guarded by this, like what follows
    private Instant learned;
    private long learnedAtNanos;

    /** @param file where the floor is kept, {@code null} to keep it in memory only */
    public TimeKeeper(InstantSource own, LongSupplier nanos, Path file) {
        this.own = own;
        this.nanos = nanos;
        this.file = file;
        this.floor = stored(file);
    }

    private static Instant stored(Path file) {
        try {
            if (file != null && Files.exists(file)) {
                Instant stored = Instant.parse(Files.readString(file).trim());
                return stored.isAfter(MADE) ? stored : MADE;
            }
        } catch (IOException | DateTimeException e) {
            LOG.info("{} holds no time, starting from {}: {}", file, MADE, e.getMessage());
        }
        return MADE;
    }

    /** Something trustworthy happened at this time, so it has passed. */
    public synchronized void passed(Instant moment) {
        if (moment.isAfter(floor)) {
            boolean write = Duration.between(floor, moment).compareTo(FLOOR_STEP) > 0;
            if (write || floor.equals(MADE)) {
                floor = moment;
                store();
            }
        }
    }

    private void store() {
        if (file == null) {
            return;
        }
        try {
            IdentityFiles.writeAtomically(file, floor + "\n");
        } catch (IOException e) {
            LOG.warn("Cannot keep the time in {}: {}", file, e.getMessage());
        }
    }

    /** The authenticated cloud says the time. Only the first word counts for an hour, so that nothing jitters. */
    public synchronized void learn(Instant cloud) {
        long now = nanos.getAsLong();
        if (cloud.isBefore(MADE) || learned != null && now - learnedAtNanos < Duration.ofHours(1).toNanos()) {
            return;
        }
        learned = cloud;
        learnedAtNanos = now;
        passed(cloud);
    }

    /** Now, as well as it is known. */
    public synchronized Instant now() {
        if (learned != null) {
            Instant cloud = cloudNow();
            Instant clock = own.instant();
            boolean agree = Duration.between(clock, cloud).abs().compareTo(TOLERATED) <= 0;
            return agree ? clock : cloud;
        }
        Instant clock = own.instant();
        return clock.isBefore(floor) ? floor : clock;
    }

    private Instant cloudNow() {
        return learned.plusNanos(nanos.getAsLong() - learnedAtNanos);
    }

    /**
     * The times by which a certificate may be judged: it is accepted when one of them finds it valid.
     *
     * <p>Once the cloud has said the time, only that counts. Before, the gateway's own clock refuses
     * nothing alone: what is known for certain is that it is the floor or later, so a certificate
     * that begins after the floor may be valid, and one that ended before it is not.
     *
     * @param begin of the certificate
     */
    synchronized List<Instant> candidates(Instant begin) {
        if (learned != null) {
            return List.of(cloudNow());
        }
        Instant clock = own.instant();
        Instant atLeast = begin.isAfter(floor) ? begin : floor;
        return clock.isBefore(floor) ? List.of(atLeast) : List.of(clock, atLeast);
    }

    /** How far the own clock is ahead of the best time known; negative when it is behind, zero when that cannot be told. */
    public synchronized Duration ahead() {
        Instant clock = own.instant();
        if (learned != null) {
            return Duration.between(cloudNow(), clock);
        }
        return clock.isBefore(floor) ? Duration.between(floor, clock) : Duration.ZERO;
    }
}
