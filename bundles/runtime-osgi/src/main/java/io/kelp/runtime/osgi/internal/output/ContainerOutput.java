package io.kelp.runtime.osgi.internal.output;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Brings what containers write to standard output and error, and what they log, to their logs instead of the
 * gateway's, from {@link #install} until {@link #close}.
 */
public final class ContainerOutput implements AutoCloseable {

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final int FRAMES = 48;

    private final Supplier<ContainerLog> threads;
    private final Function<ClassLoader, ContainerLog> loaders;
    private final BooleanSupplier any;
    private final OutputRouter out;
    private final OutputRouter err;
    private final Handler handler;
    private final Map<Handler, Filter> filtered = new HashMap<>();

    private ContainerOutput(Supplier<ContainerLog> threads, Function<ClassLoader, ContainerLog> loaders, BooleanSupplier any) {
        this.any = any;
        this.threads = threads;
        this.loaders = loaders;
        this.out = new OutputRouter(threads, ContainerLog.Stream.STDOUT, System.out);
        this.err = new OutputRouter(threads, ContainerLog.Stream.STDERR, System.err);
        this.handler = new ToContainer();
    }

    /**
     * @param threads the log of the calling thread, null if that is not a container's. Must answer at once
     * @param loaders the log for code of a class loader, null if that is not a container's; decides on threads of
     *     the gateway that run a container's code and log. Must answer at once
     * @param any whether there are containers at all; without, the gateway's own log costs no more than before
     */
    public static ContainerOutput install(Supplier<ContainerLog> threads, Function<ClassLoader, ContainerLog> loaders, BooleanSupplier any) {
        ContainerOutput made = new ContainerOutput(threads, loaders, any);
        System.setOut(made.out);
        System.setErr(made.err);
        Logger root = Logger.getLogger("");
        for (Handler present : root.getHandlers()) {
            Filter before = present.getFilter();
            made.filtered.put(present, before);
            present.setFilter(record -> made.find() == null && (before == null || before.isLoggable(record)));
        }
        root.addHandler(made.handler);
        return made;
    }

    private ContainerLog find() {
        if (!any.getAsBoolean()) {
            return null;
        }
        ContainerLog log = threads.get();
        return log != null ? log : CALLERS.walk(frames -> frames.limit(FRAMES)
                .map(frame -> frame.getDeclaringClass().getClassLoader()).distinct()
                .filter(java.util.Objects::nonNull).map(loaders).filter(java.util.Objects::nonNull).findFirst()).orElse(null);
    }

    /** Puts back what was there, unless somebody else has replaced it since. */
    @Override
    public void close() {
        if (System.out == out) {
            System.setOut(out.gateway());
        }
        if (System.err == err) {
            System.setErr(err.gateway());
        }
        Logger.getLogger("").removeHandler(handler);
        filtered.forEach(Handler::setFilter);
    }

    /** Log records in one line each, as the gateway's own, but without the time that each line of the log has anyhow. */
    private final class ToContainer extends Handler {

        @Override
        public void publish(LogRecord record) {
            ContainerLog log = isLoggable(record) ? find() : null;
            if (log != null) {
                List<String> lines = new ArrayList<>();
                lines.add(record.getLevel().getName() + " " + record.getLoggerName() + " " + message(record));
                if (record.getThrown() != null) {
                    java.io.StringWriter trace = new java.io.StringWriter();
                    record.getThrown().printStackTrace(new java.io.PrintWriter(trace));
                    trace.toString().lines().forEach(line -> lines.add("    " + line));
                }
                log.write(ContainerLog.Stream.STDERR, String.join("\n", lines) + "\n");
            }
        }

        private String message(LogRecord record) {
            return new java.util.logging.SimpleFormatter().formatMessage(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

}
