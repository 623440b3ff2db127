package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Runs {@code postStart} and {@code preStop} handlers: {@code exec}, {@code httpGet} over plain HTTP, {@code sleep}. */
final class Hooks {

    private static final int CONNECT_MILLIS = 5_000;

    private final Executor io;
    private final Loop loop;

    Hooks(Executor io, Loop loop) {
        this.io = io;
        this.loop = loop;
    }

    /**
     * @param handler {@code LifecycleHandler}
     * @param limit after which it is given up
     * @return fails with the reason why it failed
     */
    CompletionStage<Void> run(JsonObject handler, JsonObject container, WorkloadContainer running, String address, Duration limit) {
        if (handler.get("exec") instanceof JsonObject exec) {
            return exec(exec, running, limit);
        }
        if (handler.get("httpGet") instanceof JsonObject get) {
            return CompletableFuture.runAsync(() -> get(get, container, running, address, limit), io);
        }
        if (handler.get("sleep") instanceof JsonObject sleep) {
            CompletableFuture<Void> slept = new CompletableFuture<>();
            long seconds = PodResources.quantity(Pod.text(sleep, "seconds"), "1");
            loop.schedule(() -> slept.complete(null), Duration.ofSeconds(Math.min(seconds, limit.toSeconds())));
            return slept;
        }
        return CompletableFuture.failedFuture(new WorkloadException("FailedHook", "a lifecycle hook must be exec, httpGet or sleep"));
    }

    private static CompletionStage<Void> exec(JsonObject exec, WorkloadContainer running, Duration limit) {
        List<String> command = new ArrayList<>();
        if (exec.get("command") instanceof JsonArray words) {
            words.forEach(word -> command.add(word.isJsonPrimitive() ? word.getAsString() : ""));
        }
        return running.exec(command, limit).thenCompose(result -> result.code() == 0 ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new WorkloadException("FailedHook", "exec of " + command + " ended with code "
                        + result.code() + ": " + result.output())));
    }

    /** Any answer below 400 is good; its body is not read. */
    private static void get(JsonObject get, JsonObject container, WorkloadContainer running, String address, Duration limit) {
        if ("HTTPS".equals(Pod.text(get, "scheme"))) {
            throw new IllegalArgumentException("hooks over HTTPS are not offered; use scheme HTTP or exec");
        }
        String host = Pod.text(get, "host");
        String path = Pod.text(get, "path");
        int port = port(Pod.text(get, "port"), container, running);
        URI uri = URI.create("http://" + (host.isEmpty() ? address : host) + ":" + port + (path.startsWith("/") ? path : "/" + path));
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            try {
                connection.setConnectTimeout(CONNECT_MILLIS);
                connection.setReadTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(1, limit.toMillis())));
                connection.setInstanceFollowRedirects(false);
                for (JsonObject header : Pod.objects(get, "httpHeaders")) {
                    connection.setRequestProperty(Pod.text(header, "name"), Pod.text(header, "value"));
                }
                int code = connection.getResponseCode();
                if (code >= 400 || code < 0) {
                    throw new IOException("GET " + uri + " answered " + code);
                }
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The real number of a port given by number or name. */
    static int port(String said, JsonObject container, WorkloadContainer running) {
        int number = 0;
        for (JsonObject port : Pod.objects(container, "ports")) {
            if (said.equals(Pod.text(port, "name")) || said.equals(Pod.text(port, "containerPort"))) {
                number = HostPorts.number(port, "containerPort");
            }
        }
        if (number == 0 && said.matches("[0-9]{1,5}")) {
            number = Integer.parseInt(said);
        }
        return running.ports().getOrDefault(number, number);
    }
}
