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

/** Brings warnings and errors of the framework's services (a component that cannot be activated, for one) into our log. */
@Component(immediate = true)
public final class LogForwarder implements LogListener {

    private static final Logger LOG = LoggerFactory.getLogger("io.kelp.framework");

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
        String bundle = entry.getBundle() == null ? "" : entry.getBundle().getSymbolicName() + ": ";
        if (entry.getLogLevel() == LogLevel.ERROR) {
            LOG.error("{}{}", bundle, entry.getMessage(), entry.getException());
        } else if (entry.getLogLevel() == LogLevel.WARN) {
            LOG.warn("{}{}", bundle, entry.getMessage(), entry.getException());
        }
    }
}
