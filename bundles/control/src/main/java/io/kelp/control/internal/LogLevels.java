package io.kelp.control.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.LoggerFactory;

/** Sets the levels of {@code java.util.logging}, the back end of our loggers, as configured. */
@Component(configurationPid = "io.kelp.control", immediate = true)
public final class LogLevels {

    private static final Map<String, Level> LEVELS =
            Map.of("ERROR", Level.SEVERE, "WARN", Level.WARNING, "INFO", Level.INFO, "DEBUG", Level.FINE);

    private final List<Logger> set = new ArrayList<>(); // kept, or the JDK forgets logger and level

    @Activate
    public LogLevels(ControlConfig config) {
        for (String entry : config.logLevels()) {
            String[] parts = entry.strip().split("\\s*=\\s*", 2);
            Level level = parts.length == 2 ? LEVELS.get(parts[1]) : null;
            if (level == null) {
                LoggerFactory.getLogger(LogLevels.class)
                        .warn("io.kelp.control: logLevels has \"{}\", allowed is LOGGER=LEVEL with a level of {}; ignored", entry, LEVELS.keySet());
            } else {
                Logger logger = Logger.getLogger(parts[0]);
                logger.setLevel(level);
                set.add(logger);
            }
        }
    }

    @Deactivate
    void stop() {
        set.forEach(logger -> logger.setLevel(null));
    }
}
