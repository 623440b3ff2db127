package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore;
import java.time.Duration;

/** The contract again with one reader, room for one waiting write and next to nothing in memory. */
class TightStoreContractTest extends SqliteApiStoreContractTest {

    @Override
    protected ApiStore open() {
        return SqliteApiStore.open(folder.resolve("api.db"),
                new StoreSettings(Duration.ofMillis(400), 1L << 20, 1, 1, Duration.ofSeconds(30), 2, 100), clock);
    }
}
