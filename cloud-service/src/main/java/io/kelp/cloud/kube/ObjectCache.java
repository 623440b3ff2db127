package io.kelp.cloud.kube;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A followed collection: projections of all objects that match. Safe for use by several threads. */
public interface ObjectCache<T> extends AutoCloseable {

    /** @param namespace empty for cluster-scoped objects */
    Optional<T> get(String namespace, String name);

    /** A snapshot in no particular order. */
    Collection<T> all();

    /** Completes when the first list has been taken over. */
    CompletableFuture<Void> synced();

    /** Ends the watch. */
    @Override
    void close();

    /** Told of changes; called serially, must not block. */
    interface Listener<T> {

        /** @param before {@code null} when the object is new */
        void changed(T before, T now);

        void removed(T last);
    }
}
