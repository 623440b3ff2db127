package io.kelp.store;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What lasts on the gateway. Bundles see collections and rings, never SQL.
 *
 * <p>Safe for use by several threads. Opening a collection reads it from the disk, so it belongs
 * into an activation, not into a request.
 */
@ProviderType
public interface Store {

    /**
     * Opens a collection, making it if need be.
     *
     * @param name bundle and purpose, for example {@code devicetwin.device}; {@code [a-z0-9.]{1,64}}
     * @param durability {@link Durability#POWER} or {@link Durability#PROCESS}; the same at every opening
     * @throws IllegalArgumentException for another name or durability
     * @throws StoreException when the database cannot be read
     */
    <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability);

    /**
     * Opens a ring, making it if need be.
     *
     * @param name bundle and purpose; {@code [a-z0-9.]{1,64}}
     * @param capacity records kept, 1 to 1 000 000
     */
    <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity);

    /** Names of the rings that hold something, opened or not; empty when the database cannot be read. */
    default List<String> rings() {
        return List.of();
    }

    /**
     * Has somebody called each time before what waits is written to {@code series.db}, at most 30 s
     * apart, also when nothing waits: what he appends is written with it, so that little records of
     * many can be gathered into few large ones. Called on the store's thread; must return soon.
     *
     * @return close to end it
     */
    default AutoCloseable beforeWriting(Runnable gather) {
        return () -> {}; // a store that keeps nothing back has nothing to call for
    }
}
