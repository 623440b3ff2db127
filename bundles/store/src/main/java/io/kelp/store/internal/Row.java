package io.kelp.store.internal;

/**
 * One key of a table. Guarded by the table's lock, but for {@link #id}, which only the thread of
 * {@code meta.db} touches, and {@link #dirty}, which the journal's lock guards as well.
 */
final class Row {

    final Table table;
    final String key;

    /** Row id in {@code meta.db}; 0 while it has none. */
    long id;

    /** What is durable; {@code null}: nothing. */
    byte[] stored;

    /** What readers see; {@code null}: removed. Differs from {@link #stored} only while {@link #last} waits. */
    byte[] current;

    /** The latest write that is not settled yet. */
    Write last;

    /** The journal holds a value that {@code meta.db} does not have yet. */
    boolean dirty;

    Row(Table table, String key) {
        this.table = table;
        this.key = key;
    }

    boolean isGone() {
        return stored == null && current == null && last == null && !dirty;
    }
}
