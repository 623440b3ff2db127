package io.kelp.store;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bounded queue of records in the order of their arrival, in {@code series.db}. When it is full
 * the oldest record is overwritten and counted as dropped.
 *
 * <p>Safe for use by several threads; no method blocks on the disk.
 */
@ProviderType
public interface RecordRing<T> {

    /** One record and its position; positions grow by one and are never used again. */
    record Entry<T>(long position, T value) {}

    /** Appends a record; completes when it has been handed to the database. */
    CompletionStage<Void> append(T record);

    /** At most {@code limit} records after {@code position}, oldest first; 0 begins at the oldest. */
    List<Entry<T>> after(long position, int limit);

    /** Forgets all records up to and including {@code position}. */
    CompletionStage<Void> discard(long position);

    /** Records that the bound has cost since the ring was made. */
    long dropped();
}
