package io.kelp.control.internal;

import io.kelp.control.ControlCommand;
import io.kelp.control.ControlCommand.Result;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands: one call at a time per command, different commands beside each other, every call
 * answered exactly once and in time, whatever the command does.
 *
 * <p>A call that takes too long is answered and left alone, not interrupted: an interrupt closes
 * files that other callers use.
 */
final class CommandDispatcher implements AutoCloseable {

    static final int MAX_WORDS = 65;
    static final int MAX_WORD_LENGTH = 4096;
    private static final int THREADS = 6;
    private static final int QUEUED = 32;
    private static final int QUEUED_PER_COMMAND = 4;
    private static final Logger LOG = LoggerFactory.getLogger(CommandDispatcher.class);

    private final Supplier<List<ControlCommand>> commands;
    private final Duration deadline;
    private final ThreadPoolExecutor pool;
    private final ScheduledThreadPoolExecutor timer;
    private final Map<String, Lane> lanes = new HashMap<>(); // guarded by itself; one entry per command name

    CommandDispatcher(Supplier<List<ControlCommand>> commands, Duration deadline) {
        this.commands = commands;
        this.deadline = deadline;
        AtomicInteger number = new AtomicInteger();
        this.pool = new ThreadPoolExecutor(THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUED),
                r -> new Thread(r, "kelp-command-" + number.incrementAndGet()));
        this.pool.allowCoreThreadTimeOut(true);
        this.timer = new ScheduledThreadPoolExecutor(1, r -> new Thread(r, "kelp-command-timer"));
        this.timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Runs a command.
     *
     * @param words its name and arguments
     * @param answer called once, on any thread
     */
    void dispatch(List<String> words, Consumer<Result> answer) {
        if (words.isEmpty() || words.size() > MAX_WORDS || words.stream().anyMatch(w -> w.length() > MAX_WORD_LENGTH)) {
            answer.accept(Result.failed(2, "kelp: a command has 1 to " + MAX_WORDS + " words of at most " + MAX_WORD_LENGTH + " characters"));
            return;
        }
        String name = words.get(0);
        List<String> arguments = words.subList(1, words.size());
        ControlCommand command = commands.get().stream().filter(c -> c.name().equals(name)).findFirst().orElse(null);
        if (name.equals("help")) {
            answer.accept(new Result(0, commands.get().stream()
                    .sorted(Comparator.comparing(ControlCommand::name)).flatMap(c -> c.usage().stream()).map(l -> "  " + l).toList()));
        } else if (command == null) {
            answer.accept(unknown(name));
        } else if (arguments.equals(List.of("--help")) || arguments.equals(List.of("-h"))) {
            answer.accept(new Result(0, command.usage().stream().map(l -> "kelp " + l).toList()));
        } else {
            enqueue(command, List.copyOf(arguments), answer);
        }
    }

    private Result unknown(String name) {
        List<String> known = commands.get().stream().map(ControlCommand::name).sorted().toList();
        return Result.failed(2, "kelp: unknown command '" + name.replaceAll("[^ -~]", "?") + "'; the running gateway knows " + String.join(", ", known)
                + " (a command is missing while its bundle is)");
    }

    private void enqueue(ControlCommand command, List<String> arguments, Consumer<Result> answer) {
        Call call = new Call(command, arguments, answer);
        try {
            synchronized (lanes) {
                Lane lane = lanes.computeIfAbsent(command.name(), n -> new Lane());
                if (lane.waiting.size() >= QUEUED_PER_COMMAND) {
                    throw new RejectedExecutionException();
                }
                call.timeout.set(timer.schedule(() -> call.answer(Result.failed(4,
                        "kelp: '" + command.name() + "' has not finished within " + deadline.toSeconds() + " s; see the log")),
                        deadline.toMillis(), TimeUnit.MILLISECONDS));
                if (!lane.busy) {
                    pool.execute(() -> drain(lane));
                    lane.busy = true;
                }
                lane.waiting.add(call);
            }
        } catch (RejectedExecutionException e) {
            call.answer(Result.failed(4, "kelp: too many calls of '" + command.name() + "' at once, or the gateway is stopping; try again"));
        }
    }

    private void drain(Lane lane) {
        while (true) {
            Call call;
            synchronized (lanes) {
                call = lane.waiting.poll();
                if (call == null) {
                    lane.busy = false;
                    return;
                }
            }
            call.run();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        pool.shutdown();
        synchronized (lanes) {
            lanes.values().forEach(lane -> lane.waiting.clear());
        }
    }

    /** Calls of one command. */
    private static final class Lane {
        private final Queue<Call> waiting = new ArrayDeque<>();
        private boolean busy;
    }

    /** One call and its one answer. */
    private record Call(ControlCommand command, List<String> arguments, Consumer<Result> answer, AtomicBoolean answered,
            AtomicReference<Future<?>> timeout) {

        Call(ControlCommand command, List<String> arguments, Consumer<Result> answer) {
            this(command, arguments, answer, new AtomicBoolean(), new AtomicReference<>());
        }

        void run() {
            if (answered.get()) {
                return; // its time ran out while it waited
            }
            try {
                answer(command.run(arguments));
            } catch (RuntimeException e) {
                // Foreign code: its failure must reach the caller and must not end the thread.
                LOG.error("Command {} failed", command.name(), e);
                answer(Result.failed(1, "kelp: '" + command.name() + "' failed: " + e));
            }
        }

        void answer(Result result) {
            if (answered.compareAndSet(false, true)) {
                Future<?> pending = timeout.get();
                if (pending != null) {
                    pending.cancel(false);
                }
                answer.accept(result);
            }
        }
    }
}
