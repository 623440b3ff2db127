package io.kelp.control.internal;

import io.kelp.control.ControlCommand;
import io.kelp.control.ControlCommand.Result;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code bin/kelp}: reads requests from the FIFO {@code kelp.run/control} and hands them to the commands. */
@Component(configurationPid = "io.kelp.control", immediate = true)
@Designate(ocd = ControlConfig.class)
public final class ControlServer implements MetricSource, LivenessProbe {

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    private final Whiteboard<ControlCommand> commands; // null: commands are given
    private final Requests requests;
    private final CommandDispatcher dispatcher;
    private final ControlFifo fifo;
    private final AtomicLong handled = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    @Activate
    public ControlServer(BundleContext context, ControlConfig config) throws IOException {
        this(FrameworkFolders.run(context), Duration.ofSeconds(config.commandDeadlineSeconds()),
                new Whiteboard<>(context, ControlCommand.class), List.of());
    }

    ControlServer(Path run, Duration deadline, List<ControlCommand> given) throws IOException {
        this(run, deadline, null, given);
    }

    private ControlServer(Path run, Duration deadline, Whiteboard<ControlCommand> commands, List<ControlCommand> given) throws IOException {
        this.commands = commands;
        this.requests = new Requests(run, System::nanoTime);
        this.dispatcher = new CommandDispatcher(() -> commands == null ? given : commands.services(), deadline);
        requests.tidy();
        this.fifo = new ControlFifo(run.resolve("control"), this::line);
    }

    @Deactivate
    void stop() {
        fifo.close();
        dispatcher.close();
        if (commands != null) {
            commands.close();
        }
    }

    private void line(String line) {
        if (!Requests.isId(line)) {
            if (refused.getAndIncrement() == 0) {
                LOG.warn("Something other than kelp writes to the control FIFO; such lines are ignored and counted");
            }
            return;
        }
        handled.incrementAndGet();
        try {
            requests.tidy();
            dispatcher.dispatch(requests.words(line), result -> answer(line, result));
        } catch (IOException e) {
            LOG.info("Request {} cannot be read: {}", line, e.toString());
            answer(line, Result.failed(2, "kelp: the request cannot be read: " + e.getMessage()));
        }
    }

    private void answer(String id, Result result) {
        try {
            requests.answer(id, result);
        } catch (IOException e) {
            LOG.debug("The caller of request {} has gone: {}", id, e.toString());
        }
    }

    @Override
    public void collect(Sink sink) {
        sink.counter("kelp_control_requests_total", "Local commands taken.", handled.get());
        sink.counter("kelp_control_refused_total", "Lines on the control FIFO that were no request.", refused.get());
    }

    @Override
    public String name() {
        return "control";
    }

    /** Goes the way of a real command: queue, pool and every status source. */
    @Override
    public CompletionStage<Void> probe() {
        CompletableFuture<Void> alive = new CompletableFuture<>();
        dispatcher.dispatch(List.of("status"), result -> {
            if (result.exitCode() == 0) {
                alive.complete(null);
            } else {
                alive.completeExceptionally(new IllegalStateException(String.join(" ", result.lines())));
            }
        });
        return alive;
    }
}
