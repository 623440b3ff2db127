package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start that fails leaves nothing behind. */
class ApiServerStartTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 30})
    void aStartThatFailsEndsWhatItBegan(int writes) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        ApiSettings settings = new ApiSettings("v1.34.4+kelp", generator.generateKeyPair(), "https://kubernetes.default.svc", "", Map.of(),
                Duration.ofMinutes(5), Duration.ofHours(1));
        FullDisk store = new FullDisk(writes);
        assertThrows(ApiStore.StoreException.class, () -> new ApiServer(store, settings));
        assertEquals(0, store.listeners.get(), "somebody still follows the store");
    }

    /** Takes a number of writes, then no more. */
    private static final class FullDisk implements ApiStore {

        private final MemoryApiStore store = new MemoryApiStore();
        private final AtomicInteger left;
        private final AtomicInteger listeners = new AtomicInteger();

        FullDisk(int writes) {
            left = new AtomicInteger(writes);
        }

        private void use() {
            if (left.getAndDecrement() <= 0) {
                throw new StoreException("the disk is full", null);
            }
        }

        @Override
        public long revision() {
            return store.revision();
        }

        @Override
        public long oldest() {
            return store.oldest();
        }

        @Override
        public Optional<Item> get(Key key) {
            return store.get(key);
        }

        @Override
        public Page list(String collection, String namespace, Key after, int limit, long revision) throws CompactedException {
            return store.list(collection, namespace, after, limit, revision);
        }

        @Override
        public List<Change> changes(String collection, long after, int limit) throws CompactedException {
            return store.changes(collection, after, limit);
        }

        @Override
        public Item write(Key key, long expected, LongFunction<byte[]> value) throws ConflictException {
            use();
            return store.write(key, expected, value);
        }

        @Override
        public long delete(Key key, long expected, LongFunction<byte[]> last) throws ConflictException {
            use();
            return store.delete(key, expected, last);
        }

        @Override
        public Registration listen(Listener listener) {
            Registration registration = store.listen(listener);
            listeners.incrementAndGet();
            return () -> {
                registration.close();
                listeners.decrementAndGet();
            };
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
