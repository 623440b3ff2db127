package io.kelp.edged.internal.probe;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.internal.pod.Pod;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** Makes one probe of a container: its connection, request or command. The sentences are kubelet's. Safe for use by several threads. */
final class Checks {

    private static final int OUTPUT_CHARACTERS = 10 * 1024;

    private final ProbeSockets sockets;
    private final Executor io;
    private final Supplier<String> podIp;

    /** @param io looks up host names */
    Checks(ProbeSockets sockets, Executor io, Supplier<String> podIp) {
        this.sockets = sockets;
        this.io = io;
        this.podIp = podIp;
    }

    /** @param container as the pod has it, for the names of ports; the stage never fails */
    CompletionStage<Outcome> run(ProbeSpec probe, JsonObject container, WorkloadContainer running) {
        CompletionStage<Outcome> outcome;
        try {
            if (probe.handler().has("exec")) {
                outcome = exec(probe, running);
            } else if (probe.handler().has("tcpSocket")) {
                outcome = tcp(probe, container, running);
            } else {
                outcome = new HttpCheck(this, probe, host(probe.member("httpGet")), port(probe.member("httpGet"), container, running)).run();
            }
        } catch (IllegalArgumentException e) { // what the pod says makes no sense
            return CompletableFuture.completedFuture(Outcome.failure(e.getMessage()));
        }
        return outcome.exceptionally(failure -> Outcome.failure(cause(failure).getMessage()));
    }

    private CompletionStage<Outcome> exec(ProbeSpec probe, WorkloadContainer running) {
        List<String> command = new ArrayList<>();
        if (probe.member("exec").get("command") instanceof com.google.gson.JsonArray words) {
            words.forEach(word -> command.add(word.isJsonPrimitive() ? word.getAsString() : word.toString()));
        }
        return running.exec(command, probe.timeout()).thenApply(result -> {
            String output = result.output().substring(0, Math.min(OUTPUT_CHARACTERS, result.output().length()));
            return result.code() == 0 ? Outcome.success() : Outcome.failure(output);
        });
    }

    private CompletionStage<Outcome> tcp(ProbeSpec probe, JsonObject container, WorkloadContainer running) {
        String host = host(probe.member("tcpSocket"));
        int port = port(probe.member("tcpSocket"), container, running);
        return exchange(host, port, null, false, probe.timeout()).handle((bytes, failure) ->
                failure == null ? Outcome.success() : Outcome.failure(dial(host, port, cause(failure))));
    }

    /** As {@link ProbeSockets#exchange}, to a host that may have to be looked up. */
    CompletionStage<byte[]> exchange(String host, int port, byte[] request, boolean tls, Duration timeout) {
        if (isAddress(host)) {
            return sockets.exchange(new InetSocketAddress(host, port), request, tls, timeout);
        }
        try {
            return CompletableFuture.supplyAsync(() -> new InetSocketAddress(host, port), io)
                    .thenCompose(address -> address.isUnresolved()
                            ? CompletableFuture.failedFuture(new IOException("lookup " + host + ": no such host"))
                            : sockets.exchange(address, request, tls, timeout));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new IOException("lookup " + host + ": too much to do", e));
        }
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }

    private String host(JsonObject handler) {
        String host = Pod.text(handler, "host");
        return host.isEmpty() ? podIp.get() : host;
    }

    /** The port on the gateway: by number or by the name that the container gives it. */
    private static int port(JsonObject handler, JsonObject container, WorkloadContainer running) {
        JsonElement said = handler.get("port");
        String text = said == null || !said.isJsonPrimitive() ? "" : said.getAsString();
        int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : named(text, container);
        if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("invalid port number: " + (text.isEmpty() ? "none" : text));
        }
        return running.ports().getOrDefault(number, number);
    }

    private static int named(String name, JsonObject container) {
        for (JsonObject port : Pod.objects(container, "ports")) {
            if (!name.isEmpty() && Pod.text(port, "name").equals(name) && Pod.text(port, "containerPort").matches("[0-9]{1,5}")) {
                return Integer.parseInt(Pod.text(port, "containerPort"));
            }
        }
        throw new IllegalArgumentException("couldn't find port: \"" + name + "\"");
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Why there was no connection, in the words of Go's net package, which operators know. */
    static String dial(String host, int port, Throwable failure) {
        String to = "dial tcp " + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port + ": ";
        if (failure instanceof ConnectException) {
            return to + (String.valueOf(failure.getMessage()).contains("refused") ? "connect: connection refused" : failure.getMessage());
        }
        return to + (failure instanceof NoRouteToHostException ? "connect: no route to host" : failure.getMessage());
    }
}
