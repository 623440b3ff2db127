package io.kelp.cloud.standalone;

import io.kelp.cloud.standalone.StoreSchema.State;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;

/**
 * Decides what of the past is forgotten: what is older than the history's life, and what is too much. Works inside the
 * transactions of {@link StoreTables}. Used by the store's writing thread only.
 */
final class StoreHistory {

    private record Moment(long revision, long millis, long bytes) {}

    /** How finely time and bytes are told apart. */
    private static final int PARTS = 20;

    private final StoreTables tables;
    private final InstantSource clock;
    private final long lifeMillis;
    private final long mostBytes;
    private final ArrayDeque<Moment> moments = new ArrayDeque<>();
    private Moment noted; // in this transaction

    StoreHistory(Connection connection, StoreTables tables, StoreSettings settings, InstantSource clock) throws SQLException {
        this.tables = tables;
        this.clock = clock;
        this.lifeMillis = settings.historyLife().toMillis();
        this.mostBytes = settings.historyBytes();
        long now = clock.millis();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT revision, millis, bytes FROM moment ORDER BY revision")) {
            while (row.next()) {
                // A clock that was ahead must not keep the past for ever.
                moments.add(new Moment(row.getLong(1), Math.min(row.getLong(2), now), row.getLong(3)));
            }
        }
    }

    /** Whether {@link #step} has something to do. */
    boolean isDue() {
        State state = tables.state();
        return state.swept() < state.oldest() || momentDue(state) || target(state) > state.oldest();
    }

    /** Until {@link #isDue} may turn true when nothing is written. */
    Duration pause() {
        return Duration.ofMillis(Math.max(10, Math.min(15_000, lifeMillis / PARTS)));
    }

    /** Notes the time, forgets and drops, within the transaction under way. */
    void step(int limit) throws SQLException {
        State state = tables.working();
        if (momentDue(state)) {
            noted = new Moment(state.revision(), clock.millis(), state.bytes());
            tables.moment(noted.revision, noted.millis, noted.bytes);
        }
        long target = target(state);
        if (target > state.oldest()) {
            tables.forget(target);
        }
        if (tables.working().swept() < tables.working().oldest()) {
            tables.sweep(limit);
        }
    }

    void committed() {
        if (noted != null) {
            moments.add(noted);
            noted = null;
        }
        while (!moments.isEmpty() && moments.peekFirst().revision <= tables.state().oldest()) {
            moments.removeFirst();
        }
    }

    void rolledBack() {
        noted = null;
    }

    private boolean momentDue(State state) {
        Moment last = moments.peekLast();
        if (last == null) {
            return state.revision() > state.oldest();
        }
        return state.revision() > last.revision
                && (clock.millis() - last.millis >= lifeMillis / PARTS || state.bytes() - last.bytes >= mostBytes / PARTS);
    }

    private long target(State state) {
        long oldest = state.oldest();
        long now = clock.millis();
        for (Moment moment : moments) {
            if (now - moment.millis < lifeMillis && state.bytes() - moment.bytes < mostBytes) {
                break;
            }
            oldest = Math.max(oldest, moment.revision);
        }
        return oldest;
    }
}
