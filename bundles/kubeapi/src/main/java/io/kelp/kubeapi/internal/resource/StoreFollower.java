package io.kelp.kubeapi.internal.resource;

import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells of everything in a store and of each change after it, in order, without a gap and nothing twice: first all objects of
 * a moment as {@link Kind#ADDED}, then the changes since. The consumer is called by one thread at a time and must not block.
 */
public final class StoreFollower implements AutoCloseable {

    private static final int PAGE = 500;

    private final Consumer<Change> consumer;
    private final ApiStore.Registration registration;
    private List<Change> waiting = new ArrayList<>(); // guarded by this; null once what was there has been told

    /**
     * Returns when all that was there has been told.
     *
     * @param collections whose objects are told at the beginning; changes are told of all collections
     */
    public StoreFollower(ApiStore store, Collection<String> collections, Consumer<Change> consumer) {
        this.consumer = consumer;
        this.registration = store.listen(this::changed);
        boolean told = false;
        try {
            tell(store, collections);
            told = true;
        } finally {
            if (!told) {
                registration.close();
            }
        }
    }

    private void tell(ApiStore store, Collection<String> collections) {
        long revision = store.revision();
        try {
            for (String collection : collections) {
                Key after = null;
                boolean more = true;
                while (more) {
                    ApiStore.Page page = store.list(collection, "", after, PAGE, revision);
                    for (Item item : page.items()) {
                        consumer.accept(new Change(item.revision(), Kind.ADDED, item.key(), item.value(), null));
                        after = item.key();
                    }
                    more = page.remaining() > 0;
                }
            }
        } catch (CompactedException e) {
            throw new IllegalStateException("The store forgot revision " + revision + " while it was read", e);
        }
        goOn(revision);
    }

    private synchronized void goOn(long after) {
        for (Change change : waiting) {
            if (change.revision() > after) {
                consumer.accept(change);
            }
        }
        waiting = null;
    }

    private synchronized void changed(List<Change> changes) {
        if (waiting == null) {
            changes.forEach(consumer);
        } else {
            waiting.addAll(changes);
        }
    }

    @Override
    public void close() {
        registration.close();
    }
}
