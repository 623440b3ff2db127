package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What probes are told. */
class HealthTest {

    @Test
    void aStoreThatTakesNoWritesMakesTheServerUnreadyButNotDead() throws Exception {
        try (TestApi api = new TestApi()) {
            assertEquals(200, api.get("/readyz").status());
            api.store().refuse("/var/lib/x: the disk is full");
            assertEquals(500, api.get("/readyz").status());
            assertEquals(500, api.get("/readyz/store").status());
            assertEquals(200, api.get("/readyz/ping").status());
            assertEquals(200, api.get("/livez").status());
            assertEquals(200, api.get("/healthz").status());
            String verbose = api.get("/readyz?verbose").text();
            assertTrue(verbose.contains("[-]store failed"), verbose);
            assertFalse(verbose.contains("/var/lib"), "paths are not for everybody: " + verbose);
            api.store().refuse(null);
            assertEquals(200, api.get("/readyz").status());
        }
    }
}
