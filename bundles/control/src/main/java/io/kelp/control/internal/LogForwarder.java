package io.kelp.control.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings warnings and errors of the framework's services (a component that cannot be activated, for one) into our log.
 * Of bundles that run in pods only the first line: the rest is in the log of the pod.
 */
@Component(immediate = true)
public final class LogForwarder implements LogListener {

    private static final Logger LOG = LoggerFactory.getLogger("io.kelp.framework");

    /** Part of the location of bundles that run in pods. */
    private static final String OF_PODS = "/kelp-bundles/";

    private final LogReaderService reader;

    @Activate
    public LogForwarder(@Reference LogReaderService reader) {
        this.reader = reader;
        reader.addLogListener(this);
    }

    @Deactivate
    void stop() {
        reader.removeLogListener(this);
    }

    @Override
    public void logged(LogEntry entry) {
        if (entry.getBundle() != null && entry.getBundle().getLocation().contains(OF_PODS)) {
            if (entry.getLogLevel() == LogLevel.ERROR) {
                String[] lines = String.valueOf(entry.getMessage()).split("\\R", 2);
                LOG.warn("{} in {}: {}; more in the log of its pod", entry.getBundle().getSymbolicName(), entry.getBundle().getLocation(), lines[0]);
            }
            return;
        }
        String bundle = entry.getBundle() == null ? "" : entry.getBundle().getSymbolicName() + ": ";
        if (entry.getLogLevel() == LogLevel.ERROR) {
            LOG.error("{}{}", bundle, entry.getMessage(), entry.getException());
        } else if (entry.getLogLevel() == LogLevel.WARN) {
            LOG.warn("{}{}", bundle, entry.getMessage(), entry.getException());
        }
    }
}
