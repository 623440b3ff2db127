package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStoreContract;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;

class SqliteApiStoreContractTest extends ApiStoreContract {

    @TempDir
    Path folder;

    final MovableClock clock = new MovableClock();

    @Override
    protected ApiStore open() {
        return SqliteApiStore.open(folder.resolve("api.db"), StoreSettings.defaults().withHistoryLife(Duration.ofMillis(400)), clock);
    }

    @Override
    protected void forgetPast(ApiStore store) throws Exception {
        long newest = store.revision();
        Instant end = Instant.now().plusSeconds(10);
        while (store.oldest() < newest) {
            assertTrue(Instant.now().isBefore(end), "still " + store.oldest());
            clock.advance(Duration.ofMillis(500));
            Thread.sleep(10);
        }
    }
}
