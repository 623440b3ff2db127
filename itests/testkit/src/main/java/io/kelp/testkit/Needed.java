package io.kelp.testkit;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs of others that a test runs beside ours. Where one is missing the test is left out, so that a machine without it can
 * still run the rest; with {@code -Dkelp.requirePeers=true}, which {@code itests/run.sh} sets after it has installed them all, the test fails.
 */
public final class Needed {

    private Needed() {}

    /** @param program what is missing when {@code found} is false, as a person would have to install it */
    public static void program(boolean found, String program) {
        if (!found && Boolean.getBoolean("kelp.requirePeers")) {
            Assertions.fail(program + " is missing, and this run must not do without: sh itests/run.sh installs what the tests need");
        }
        Assumptions.assumeTrue(found, () -> program + " is missing");
    }
}
