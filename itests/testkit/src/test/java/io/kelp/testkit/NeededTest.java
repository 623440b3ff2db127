package io.kelp.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class NeededTest {

    private final String before = System.clearProperty("kelp.requirePeers");

    @AfterEach
    void restore() {
        System.clearProperty("kelp.requirePeers");
        if (before != null) {
            System.setProperty("kelp.requirePeers", before);
        }
    }

    @Test
    void aTestWithoutItsProgramIsLeftOut() {
        assertThrows(TestAbortedException.class, () -> Needed.program(false, "something"));
        Needed.program(true, "something");
    }

    @Test
    void aRunThatRequiresThemFails() {
        System.setProperty("kelp.requirePeers", "true");
        assertThrows(AssertionFailedError.class, () -> Needed.program(false, "something"));
        Needed.program(true, "something");
    }
}
