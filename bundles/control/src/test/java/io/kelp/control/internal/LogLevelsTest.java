package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.osgi.util.converter.Converters;

class LogLevelsTest {

    @Test
    void byDefaultOnlyOurOwnSentencesReachTheLogOfCoapDevices() {
        LogLevels levels = new LogLevels(Converters.standardConverter().convert(Map.of()).to(ControlConfig.class));
        assertEquals(Level.SEVERE, Logger.getLogger("org.eclipse.californium").getLevel());
        assertEquals(Level.INFO, Logger.getLogger("io.kelp").getLevel());
        levels.stop();
        assertNull(Logger.getLogger("org.eclipse.californium").getLevel());
    }
}
