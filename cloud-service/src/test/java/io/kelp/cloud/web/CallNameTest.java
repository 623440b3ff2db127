package io.kelp.cloud.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CallNameTest {

    private final DeviceRequests requests = new DeviceRequests(null, null, null, "page");

    /** The page shows the last call; those of one second differ in their names only. */
    @Test
    void theLaterCallHasTheLaterName() {
        String before = "";
        for (int i = 0; i < 2_000; i++) {
            String name = requests.nameOf("Pump_1", "moveTo");
            assertTrue(name.compareTo(before) > 0, name + " after " + before);
            assertTrue(name.matches("pump-1-moveto-[a-z0-9]{10}"), name);
            before = name;
        }
    }

    @Test
    void aLongOrStrangeNameMakesAName() {
        assertTrue(requests.nameOf("d".repeat(253), "m".repeat(253)).matches("[a-z0-9-]{12,253}"));
        assertTrue(requests.nameOf("\u00e4", "\u00f6").matches("call-[a-z0-9]{10}"), requests.nameOf("\u00e4", "\u00f6"));
    }
}
