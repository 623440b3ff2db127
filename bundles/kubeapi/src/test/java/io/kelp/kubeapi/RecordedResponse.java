package io.kelp.kubeapi;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Keeps an answer; can be as slow as a test wants. */
public final class RecordedResponse implements ApiResponse {

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> held = new ArrayList<>();
    private Map<String, String> headers = Map.of();
    private int status;
    private int parts;
    private boolean holding;
    private boolean aborted;

    @Override
    public synchronized void start(int code, Map<String, String> all) {
        if (status != 0) {
            throw new IllegalStateException("started twice");
        }
        status = code;
        headers = Map.copyOf(all);
        notifyAll();
    }

    @Override
    public synchronized CompletableFuture<Void> write(ByteBuffer part) {
        if (status == 0 || closed.isDone() || !held.isEmpty()) {
            throw new IllegalStateException("not the time to write");
        }
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        body.writeBytes(bytes);
        parts++;
        notifyAll();
        if (!holding) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> later = new CompletableFuture<>();
        held.add(later);
        return later;
    }

    /** The client takes nothing more until {@link #release}. */
    public synchronized void hold() {
        holding = true;
    }

    /** The client takes what is there and everything that comes. */
    public void release() {
        List<CompletableFuture<Void>> all;
        synchronized (this) {
            holding = false;
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(future -> future.complete(null));
    }

    @Override
    public void end() {
        closed.complete(null);
        synchronized (this) {
            notifyAll();
        }
    }

    @Override
    public void abort() {
        synchronized (this) {
            aborted = true;
            notifyAll();
        }
        closed.complete(null);
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed;
    }

    public synchronized int status() {
        return status;
    }

    public synchronized boolean aborted() {
        return aborted;
    }

    public synchronized int parts() {
        return parts;
    }

    public synchronized String header(String name) {
        return headers.getOrDefault(name, "");
    }

    public synchronized String text() {
        return body.toString(StandardCharsets.UTF_8);
    }

    public JsonObject json() {
        return JsonParser.parseString(text()).getAsJsonObject();
    }

    /** The lines of a watch so far. */
    public List<JsonObject> events() {
        return text().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    /** Waits until a watch has said so many lines. */
    public List<JsonObject> events(int count, Duration within) throws InterruptedException {
        long until = System.nanoTime() + within.toNanos();
        synchronized (this) {
            while (text().lines().count() < count) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("only " + text().lines().count() + " of " + count + " events came: " + text());
                }
                wait(left);
            }
        }
        return events();
    }
}
