package io.kelp.launcher.internal;

import java.util.logging.Level;
import org.apache.felix.framework.Logger;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Brings what the framework itself has to say into the log file. */
final class FrameworkLog extends Logger {

    private final java.util.logging.Logger log = java.util.logging.Logger.getLogger("io.kelp.framework");

    @Override
    @SuppressWarnings("rawtypes") // as Felix declares it
    protected void doLog(Bundle bundle, ServiceReference service, int level, String message, Throwable cause) {
        String line = bundle == null ? message : bundle.getSymbolicName() + ": " + message;
        log.log(switch (level) {
            case LOG_ERROR -> Level.SEVERE;
            case LOG_WARNING -> Level.WARNING;
            case LOG_INFO -> Level.INFO;
            default -> Level.FINE;
        }, line, cause);
    }
}
