package io.kelp.edged.internal.probe;

import io.kelp.edged.internal.SerialTasks;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Repeats one probe in its period and counts against its thresholds. Its methods run on the serial
 * executor. The next probe is planned when one is over, so none are made up for after a suspension.
 */
final class ProbeLoop {

    private final ProbeSpec probe;
    private final Supplier<CompletionStage<Outcome>> check;
    private final SerialTasks serial;
    private final LongSupplier nanos;
    private final Consumer<Outcome> each;
    private final Consumer<Outcome> verdict;
    private final long notBefore;
    private boolean running;
    private boolean busy;
    private boolean first = true;
    private int plan; // number of the plan that counts
    private boolean lastOk;
    private int inRow;

    /**
     * @param each told of every single result
     * @param verdict told of a result when as many in a row as the threshold demands were like it, and of each like it after that
     */
    ProbeLoop(ProbeSpec probe, Supplier<CompletionStage<Outcome>> check, SerialTasks serial, LongSupplier nanos,
            Consumer<Outcome> each, Consumer<Outcome> verdict) {
        this.probe = probe;
        this.check = check;
        this.serial = serial;
        this.nanos = nanos;
        this.each = each;
        this.verdict = verdict;
        this.notBefore = nanos.getAsLong() + probe.initialDelay().toNanos();
    }

    ProbeSpec probe() {
        return probe;
    }

    /** Begins, or probes at once if it goes on already; not before the initial delay is over. */
    void now() {
        running = true;
        if (!busy) {
            plan(Math.max(0, notBefore - nanos.getAsLong()));
        }
    }

    void stop() {
        running = false;
        plan++;
    }

    private void plan(long delay) {
        int mine = ++plan;
        serial.runAfter(Duration.ofNanos(delay), () -> {
            if (mine == plan && running) {
                probe(nanos.getAsLong());
            }
        });
    }

    private void probe(long begun) {
        busy = true;
        check.get().whenComplete((outcome, failure) -> serial.run(() -> {
            busy = false;
            if (!running) {
                return;
            }
            long period = probe.period().toNanos();
            if (first) { // so that the pods of a gateway that has just started do not go in step
                period = period / 2 + ThreadLocalRandom.current().nextLong(period / 2 + 1);
                first = false;
            }
            plan(Math.max(0, begun + period - nanos.getAsLong()));
            count(failure == null ? outcome : Outcome.failure(String.valueOf(failure.getMessage())));
        }));
    }

    private void count(Outcome outcome) {
        inRow = outcome.ok() == lastOk ? inRow + 1 : 1;
        lastOk = outcome.ok();
        each.accept(outcome);
        if (inRow >= (outcome.ok() ? probe.successes() : probe.failures())) {
            verdict.accept(outcome);
        }
    }
}
