package io.kelp.store.internal;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Changes of one table that last together or not at all. */
final class Write {

    /** One row and its new value; {@code null} removes it. */
    record Change(Row row, byte[] value) {

        int bytes() {
            return 64 + row.key.length() + (value == null ? 0 : value.length);
        }
    }

    final Table table;
    final List<Change> changes;
    final long bytes;
    final CompletableFuture<Void> done = new CompletableFuture<>();

    Write(Table table, List<Change> changes) {
        this.table = table;
        this.changes = changes;
        long sum = 0;
        for (Change change : changes) {
            sum += change.bytes();
        }
        this.bytes = sum;
    }
}
