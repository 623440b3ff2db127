package io.kelp.store;

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
}
