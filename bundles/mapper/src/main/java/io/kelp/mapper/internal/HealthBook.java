package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.DeviceHealth.State;
import java.time.Instant;

/**
 * State and counters of one device. Written on the timeline alone, read by any thread: each field
 * is right by itself, which is all that a display needs.
 */
final class HealthBook {

    /** The counters of all devices there are and were. */
    static final class Totals {
        private volatile long reads;
        private volatile long readErrors;
        private volatile long writes;
        private volatile long writeErrors;
        private volatile long reports;
        private volatile long missedPolls;
        private volatile long outdated;

        long reads() {
            return reads;
        }

        long readErrors() {
            return readErrors;
        }

        long writes() {
            return writes;
        }

        long writeErrors() {
            return writeErrors;
        }

        long reports() {
            return reports;
        }

        long missedPolls() {
            return missedPolls;
        }

        long outdated() {
            return outdated;
        }
    }

    private final Totals totals;
    private final String device;
    private volatile String protocol = "";
    private volatile State state = State.UNDRIVEN;
    private volatile Instant since;
    private volatile String lastError = "";
    private volatile long reads;
    private volatile long readErrors;
    private volatile long writes;
    private volatile long writeErrors;
    private volatile long reports;
    private volatile long missedPolls;
    private volatile long outdated;

    HealthBook(String device, Instant since, Totals totals) {
        this.totals = totals;
        this.device = device;
        this.since = since;
    }

    State state() {
        return state;
    }

    /** @return whether this is a change */
    boolean state(State now, Instant at) {
        if (state == now) {
            return false;
        }
        since = at;
        state = now;
        return true;
    }

    void protocol(String name) {
        protocol = name;
    }

    String lastError() {
        return lastError;
    }

    void error(String sentence) {
        lastError = sentence;
    }

    void read(boolean well) {
        if (well) {
            reads = reads + 1;
            totals.reads = totals.reads + 1;
        } else {
            readErrors = readErrors + 1;
            totals.readErrors = totals.readErrors + 1;
        }
    }

    void write(boolean well) {
        if (well) {
            writes = writes + 1;
            totals.writes = totals.writes + 1;
        } else {
            writeErrors = writeErrors + 1;
            totals.writeErrors = totals.writeErrors + 1;
        }
    }

    void reported(int values) {
        reports = reports + values;
        totals.reports = totals.reports + values;
    }

    void outdated() {
        outdated = outdated + 1;
        totals.outdated = totals.outdated + 1;
    }

    void missed(int polls) {
        missedPolls = missedPolls + polls;
        totals.missedPolls = totals.missedPolls + polls;
    }

    DeviceHealth snapshot() {
        return new DeviceHealth(device, protocol, state, since, lastError, reads, readErrors, writes, writeErrors, reports, missedPolls, outdated);
    }
}
