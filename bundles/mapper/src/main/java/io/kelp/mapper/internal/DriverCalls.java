package io.kelp.mapper.internal;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of the driver of one device: one at a time, in the manner of its connection, each with
 * the deadline. What the driver returns is turned into our own classes on its own thread, because
 * its maps and sets are foreign code. Confined to the timeline.
 */
final class DriverCalls {

    private static final Logger LOG = LoggerFactory.getLogger(DriverCalls.class);

    /** Told around each call. */
    interface Observer {

        /** The call does not end. */
        void hung();

        /** The call has ended and what follows from it is done; another may be made. */
        void over();
    }

    /** What opening gave. */
    record Opened(DeviceConnection connection, Set<String> published) {}

    /** What a write gave. */
    record Written(Optional<Reading> reading, boolean readsBack) {}

    private final Workers workers;
    private final RuntimeContext runtime;
    private final Duration deadline;
    private final Observer observer;
    private boolean running;
    private boolean hung;
    private boolean slow; // the call at hand, or the last one
    private String defect = "";

    DriverCalls(RuntimeContext runtime, Duration deadline, Observer observer) {
        this.workers = runtime.workers();
        this.runtime = runtime;
        this.deadline = deadline;
        this.observer = observer;
    }

    boolean running() {
        return running;
    }

    boolean hung() {
        return hung;
    }

    Duration deadline() {
        return deadline;
    }

    /** @param failed also gets what was opened although it took too long, to be closed */
    void open(DeviceDriver driver, DeviceConfig device, DeviceContext context, Consumer<Opened> done, BiConsumer<Throwable, Opened> failed) {
        running = true;
        workers.call(true, deadline, () -> opened(driver.open(device, context)), new Step<>(done, failed));
    }

    private static Opened opened(DeviceConnection connection) throws IOException, InterruptedException {
        if (connection == null) {
            throw new IllegalStateException("the mapper returned no connection");
        }
        Set<String> published;
        try {
            published = Set.copyOf(connection.published());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
        return new Opened(connection, published);
    }

    void close(DeviceConnection connection, Runnable done, Consumer<Throwable> failed) {
        running = true;
        workers.call(true, deadline, () -> {
            connection.close();
            return true;
        }, new Step<Boolean>(nothing -> done.run(), (cause, late) -> failed.accept(cause)));
    }

    void read(DeviceConnection connection, boolean suspect, List<DeviceProperty> properties,
            Consumer<Map<String, Reading>> done, Consumer<Throwable> failed) {
        call(connection, suspect,
                () -> ((BlockingConnection) connection).read(properties),
                () -> ((AsyncConnection) connection).readAsync(properties),
                Map::copyOf, done, failed);
    }

    void write(DeviceConnection connection, boolean suspect, DeviceProperty property, PropertyValue value,
            Consumer<Written> done, Consumer<Throwable> failed) {
        call(connection, suspect,
                () -> ((BlockingConnection) connection).write(property, value),
                () -> ((AsyncConnection) connection).writeAsync(property, value),
                reading -> new Written(reading, connection.readsBack(property)), done, failed);
    }

    /** Anything else that is asked of a connection and waits for the device. */
    <T> void perform(boolean suspect, Duration within, Callable<T> body, Consumer<T> done, Consumer<Throwable> failed) {
        running = true;
        workers.call(suspect || slow, within, body, new Step<T>(done, (cause, late) -> failed.accept(cause)));
    }

    private <A, B> void call(DeviceConnection connection, boolean suspect, Callable<A> blocking, Callable<CompletionStage<A>> async,
            Function<A, B> taken, Consumer<B> done, Consumer<Throwable> failed) {
        running = true;
        Step<B> step = new Step<>(done, (cause, late) -> failed.accept(cause));
        if (connection instanceof BlockingConnection) {
            workers.call(suspect || slow, deadline, () -> taken.apply(blocking.call()), step);
        } else {
            AsyncCall.start(runtime, suspect || slow, deadline, async, taken, step);
        }
    }

    /** Why a call failed, for people; a failure that the protocol does not explain goes to the log once, with its trace. */
    String reason(DriverRef driver, DeviceConfig device, Throwable cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        boolean expected = cause instanceof IOException || cause instanceof InterruptedException || cause instanceof TimeoutException;
        if (!expected && !reason.equals(defect)) {
            defect = reason;
            LOG.warn("The mapper of protocol {} failed at device {}", driver.protocol(), device.id(), cause);
        }
        return reason;
    }

    private final class Step<T> implements Workers.Result<T> {

        private final Consumer<T> done;
        private final BiConsumer<Throwable, T> failed;

        private boolean tookLong;

        Step(Consumer<T> done, BiConsumer<Throwable, T> failed) {
            this.done = done;
            this.failed = failed;
        }

        @Override
        public void slow() {
            tookLong = true;
        }

        @Override
        public void done(T value) {
            over();
            done.accept(value);
            observer.over();
        }

        @Override
        public void failed(Throwable cause, T late) {
            over();
            failed.accept(cause, late);
            observer.over();
        }

        private void over() {
            running = false;
            hung = false;
            slow = tookLong;
        }

        @Override
        public void hung() {
            hung = true;
            observer.hung();
        }
    }
}
