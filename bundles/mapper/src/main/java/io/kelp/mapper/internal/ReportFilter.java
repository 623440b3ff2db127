package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;

/**
 * Which readings of one property are reported, and when. Pure: time is given. Ages are reckoned by the monotonic clock, so that a
 * step of the gateway's or the device's wall clock neither holds back nor floods.
 */
final class ReportFilter {

    /** What became of a reading. */
    enum Verdict {
        /** It waits for {@link #due} to be reported; an earlier one that waited is forgotten. */
        WAITS,
        /** It says nothing new, and neither did one that waited. */
        UNCHANGED,
        /** It is older than one before it and is dropped. */
        OUTDATED
    }

    /** A quality that changes is told within this, however long the report cycle. */
    private static final long QUALITY_NANOS = 1_000_000_000L;

    /** A device whose time stamps stay behind for so long has had its clock set back. */
    private static final long SET_BACK_NANOS = 10_000_000_000L;

    /** Stamps before 2000-01-01 come from a clock that nobody has set: they say nothing. */
    private static final long PLAUSIBLE_MILLIS = 946_684_800_000L;

    /** A reading that comes so much before its turn need not wait for it: polls of the same cycle are never that punctual. */
    private static final long EARLY_NANOS = 20_000_000L;
    private static final int EARLY_PART = 50; // of a cycle, when that is less

    private ReportRule rule = ReportRule.EACH_CHANGE;
    private Reading newest;
    private Reading sent;
    private long sentNanos;
    private long latestMillis; // by the device's clock; 0 when it never said
    private long behindSince; // nanos of the first reading that was older; valid while behind
    private boolean behind;

    /** Takes new rules; what was sent by the old ones stays sent. */
    void rule(ReportRule now) {
        rule = now;
    }

    /**
     * Takes a reading.
     *
     * @param measuredMillis by the device, 0 when it does not say
     * @param arrivedMillis by the gateway's clock
     */
    Verdict take(String text, Quality quality, long measuredMillis, long arrivedMillis, long nanos) {
        boolean stamped = measuredMillis >= PLAUSIBLE_MILLIS;
        if (stamped && isOutdated(measuredMillis, nanos)) {
            return Verdict.OUTDATED;
        }
        newest = new Reading(text, stamped ? measuredMillis : arrivedMillis, quality, rule.toCloud());
        return isNews(nanos) ? Verdict.WAITS : Verdict.UNCHANGED;
    }

    private boolean isOutdated(long measuredMillis, long nanos) {
        if (measuredMillis >= latestMillis) {
            behind = false;
        } else if (!behind) {
            behind = true;
            behindSince = nanos;
            return true;
        } else if (nanos - behindSince < SET_BACK_NANOS) {
            return true;
        }
        behind = false;
        latestMillis = measuredMillis;
        return false;
    }

    private boolean isNews(long nanos) {
        return sent == null || differs() || !rule.heartbeat().isZero() && nanos - sentNanos >= rule.heartbeat().toNanos();
    }

    private boolean differs() {
        return newest.quality() != sent.quality() || newest.toCloud() != sent.toCloud()
                || newest.text() != null && !rule.deadBand().covers(sent.text(), newest.text());
    }

    /** Nanoseconds until the reading that waits may be reported; 0 or less for now. */
    long due(long nanos) {
        if (sent == null) {
            return 0;
        }
        long cycle = cycle();
        return sentNanos + cycle - Math.min(EARLY_NANOS, cycle / EARLY_PART) - nanos;
    }

    private long cycle() {
        long cycle = rule.cycle().toNanos();
        if (newest.quality() != sent.quality()) {
            cycle = Math.min(cycle, QUALITY_NANOS);
        } else if (!rule.heartbeat().isZero()) {
            cycle = Math.min(cycle, rule.heartbeat().toNanos());
        }
        return cycle;
    }

    /** Reports: the reading that waits, which now counts as sent. */
    Reading send(long nanos) {
        boolean early = sent != null && nanos - sentNanos < cycle();
        sentNanos = early && due(nanos) <= 0 ? sentNanos + cycle() : nanos; // early ones do not make the cycle shorter
        sent = newest;
        return newest;
    }

    /** The reading taken last; {@code null} when there was none. */
    Reading newest() {
        return newest;
    }

    /** Nothing counts as sent: the next reading is reported in any case. */
    void startAnew() {
        sent = null;
    }
}
