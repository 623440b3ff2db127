package io.kelp.store.internal;

import java.util.concurrent.atomic.LongAdder;

/** What the store has done since its start. */
final class Counters {
    final LongAdder metaBytes = new LongAdder();
    final LongAdder seriesBytes = new LongAdder();
    final LongAdder journalBytes = new LongAdder();
    final LongAdder commits = new LongAdder();
    final LongAdder folds = new LongAdder();
    final LongAdder compactions = new LongAdder();
    final LongAdder snapshots = new LongAdder();
    final LongAdder failedWrites = new LongAdder();
    final LongAdder unreadableRecords = new LongAdder();
}
