package io.kelp.kubeapi;

import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Where the API keeps its objects: a map from key to bytes with one history for all of it.
 *
 * <p>Every change gets the next revision, a number above 0 that only grows, also over restarts and crashes; it is what
 * clients see as {@code resourceVersion}. Old versions are kept for a while, so that paged lists stay consistent and
 * watches can go on after an interruption; before {@link #oldest()} they are gone.
 *
 * <p>Safe for use by several threads. Methods block for disk reads, and {@link #write} and {@link #delete} until the change
 * would survive a power cut.
 */
public interface ApiStore extends AutoCloseable {

    /**
     * Names an object.
     *
     * @param collection group and plural, {@code apps/deployments}; {@code /pods} for the core group
     * @param namespace empty for cluster-scoped objects
     */
    record Key(String collection, String namespace, String name) {}

    /**
     * A version of an object.
     *
     * @param revision of the change that made this version
     * @param value as its writer gave it; not to be changed
     */
    record Item(Key key, long revision, byte[] value) {}

    /** What happened to an object. */
    enum Kind { ADDED, MODIFIED, DELETED }

    /**
     * A change.
     *
     * @param value the new version; for a deletion the last words that {@link #delete} was given
     * @param before the version before, {@code null} when the object is new
     */
    record Change(long revision, Kind kind, Key key, byte[] value, byte[] before) {}

    /**
     * Part of a collection, ordered by namespace and name (by the bytes of their UTF-8 form).
     *
     * @param remaining how many objects come after these
     * @param revision the state of the whole store that this is a part of
     */
    record Page(List<Item> items, long remaining, long revision) {}

    /** Told of changes, in order and each once, before the write that made them returns. Must not block and must not call the store's writing methods. */
    interface Listener {

        /** @param changes in order of revision, at least one */
        void changed(List<Change> changes);
    }

    /** The newest revision that can be read. */
    long revision();

    /** The oldest revision that lists can be read at and changes be asked for after. */
    long oldest();

    /** The newest version of an object. */
    Optional<Item> get(Key key);

    /**
     * A page of a collection.
     *
     * @param namespace empty for all
     * @param after continue behind this key; {@code null} from the beginning
     * @param limit most items to return; above 0
     * @param revision the state to read, 0 for the newest
     * @throws CompactedException when that state is gone
     */
    Page list(String collection, String namespace, Key after, int limit, long revision) throws CompactedException;

    /**
     * Changes after a revision, oldest first.
     *
     * @param collection empty for all
     * @param limit most changes to return; fewer mean that there are no more
     * @throws CompactedException when some of them are gone
     */
    List<Change> changes(String collection, long after, int limit) throws CompactedException;

    /**
     * Stores a version.
     *
     * @param expected revision of the version to be replaced, 0 when there must be none
     * @param value gives the bytes once the revision is known; called on the store's writing thread, so it must be quick;
     *     not called when the expectation fails
     * @throws ConflictException when another version is there than expected
     * @throws StoreException when the change could not be made durable; it may or may not be found after a restart
     */
    Item write(Key key, long expected, LongFunction<byte[]> value) throws ConflictException;

    /**
     * Deletes an object.
     *
     * @param last gives the last words for listeners once the revision is known; like {@link #write}
     * @return the revision of the deletion
     * @throws ConflictException when another version is there than expected, or none
     */
    long delete(Key key, long expected, LongFunction<byte[]> last) throws ConflictException;

    /**
     * Why writes are refused at present, a sentence for the operator; empty while they work, as far as is known. Does not
     * block.
     */
    default Optional<String> refusal() {
        return Optional.empty();
    }

    /**
     * Tells a listener of every change from now on, after it is durable.
     *
     * @return ends it
     */
    Registration listen(Listener listener);

    /** Ends something; does nothing the second time. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** Another version is there than expected. */
    final class ConflictException extends Exception {
        private static final long serialVersionUID = 1L;
        private final long actual;

        /** @param actual revision that is there, 0 when none */
        public ConflictException(Key key, long actual) {
            super(key + " is at revision " + actual);
            this.actual = actual;
        }

        public long actual() {
            return actual;
        }
    }

    /** The state asked for is no longer kept. */
    final class CompactedException extends Exception {
        private static final long serialVersionUID = 1L;

        public CompactedException(long asked, long oldest) {
            super("Revision " + asked + " is gone, the oldest is " + oldest);
        }
    }

    /** The store cannot do its work, for example because the disk is full. */
    final class StoreException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public StoreException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Ends the store; what was written is durable. */
    @Override
    void close();
}
