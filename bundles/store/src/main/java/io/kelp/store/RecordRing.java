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

    /** One record and its position; positions grow, after a crash with a gap, and are never used again. */
    record Entry<T>(long position, T value) {}

    /** Appends a record, which can be read at once; completes when it is in the database, within 30 s. */
    CompletionStage<Void> append(T record);

    /**
     * At most {@code limit} records (and at most 10 000) after {@code position}, oldest first; 0 begins
     * at the oldest.
     *
     * @throws StoreException when the disk refuses to be read; nothing is lost, ask again later
     */
    List<Entry<T>> after(long position, int limit);

    /**
     * Forgets all records up to and including {@code position}; completes when the database has
     * forgotten them, within 30 s. After a crash before that they are there again.
     */
    CompletionStage<Void> discard(long position);

    /** Records that the bound has cost since the ring was made. */
    long dropped();

    /** Records that are there now, as far as the ring knows without reading them. */
    default long size() {
        return after(0, 10_000).size();
    }
}
