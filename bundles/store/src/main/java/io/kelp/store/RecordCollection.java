package io.kelp.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A named set of records, each under a key.
 *
 * <p>Reads see every write whose method has returned, also before it is durable. A write that
 * changes nothing is not made. Safe for use by several threads; no method blocks on the disk.
 * Stages complete on the store's thread, so what hangs on them must be short.
 */
@ProviderType
public interface RecordCollection<T> {

    Optional<T> get(String key);

    /** All records at this moment, in the order of their keys; a copy that the caller owns. */
    Map<String, T> snapshot();

    /**
     * Writes a record, replacing one of the same key.
     *
     * @return completes when the record is as durable as the collection promises; fails with
     *     {@link StoreException} when it could not be made so (the old record is then still the stored one)
     */
    CompletionStage<Void> put(String key, T record);

    /** Removes a record; completes like {@link #put}. Removing an absent key is no error. */
    CompletionStage<Void> remove(String key);

    /** Writes and removes in one transaction: all of it lasts or nothing. A {@code null} value removes the key. */
    CompletionStage<Void> apply(Map<String, T> changes);
}
