package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.regex.Pattern;

/** Checks probes and life-cycle hooks of a container. */
final class HandlerChecks {

    private static final List<String> KINDS = List.of("exec", "httpGet", "tcpSocket", "grpc", "sleep");
    private static final Pattern HEADER = Pattern.compile("[-A-Za-z0-9]+");
    private static final String NOT_NEGATIVE = "must be greater than or equal to 0";

    private final Problems problems;
    private final long graceSeconds;

    /** @param graceSeconds {@code terminationGracePeriodSeconds} of the pod */
    HandlerChecks(Problems problems, long graceSeconds) {
        this.problems = problems;
        this.graceSeconds = graceSeconds;
    }

    void check(JsonObject container, String path) {
        JsonObject lifecycle = Tree.object(container, "lifecycle");
        for (String hook : List.of("postStart", "preStop")) {
            if (Tree.has(lifecycle, hook)) {
                handler(Tree.object(lifecycle, hook), path + ".lifecycle." + hook);
            }
        }
        for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (Tree.has(container, name)) {
                probe(Tree.object(container, name), name, path + "." + name);
            }
        }
    }

    private void probe(JsonObject probe, String kind, String path) {
        handler(probe, path);
        for (String name : List.of("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")) {
            if (Tree.number(probe, name) < 0) {
                problems.invalid(path + "." + name, Tree.number(probe, name), NOT_NEGATIVE);
            }
        }
        long grace = Tree.number(probe, "terminationGracePeriodSeconds");
        boolean hasGrace = Tree.has(probe, "terminationGracePeriodSeconds");
        if (hasGrace && grace <= 0) {
            problems.invalid(path + ".terminationGracePeriodSeconds", grace, "must be greater than 0");
        }
        if (kind.equals("readinessProbe")) {
            if (hasGrace) {
                problems.invalid(path + ".terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
            }
        } else if (Tree.number(probe, "successThreshold") != 1) {
            problems.invalid(path + ".successThreshold", Tree.number(probe, "successThreshold"), "must be 1");
        }
    }

    private void handler(JsonObject handler, String path) {
        int found = 0;
        for (String kind : KINDS) {
            if (!Tree.has(handler, kind)) {
                continue;
            }
            if (found++ > 0) {
                problems.forbidden(path + "." + kind, "may not specify more than 1 handler type");
            } else {
                action(kind, Tree.object(handler, kind), path + "." + kind);
            }
        }
        if (found == 0) {
            problems.required(path, "must specify a handler type");
        }
    }

    private void action(String kind, JsonObject action, String path) {
        switch (kind) {
            case "exec" -> {
                if (Tree.texts(action, "command").isEmpty()) {
                    problems.required(path + ".command", "");
                }
            }
            case "httpGet" -> {
                if (Tree.text(action, "path").isEmpty()) {
                    problems.required(path + ".path", "");
                }
                port(Tree.at(action, "port"), path + ".port");
                String scheme = Tree.text(action, "scheme");
                if (!scheme.equals("HTTP") && !scheme.equals("HTTPS")) {
                    problems.notSupported(path + ".scheme", scheme, List.of("HTTP", "HTTPS"));
                }
                for (JsonObject header : Tree.objects(action, "httpHeaders")) {
                    if (!HEADER.matcher(Tree.text(header, "name")).matches()) {
                        problems.invalid(path + ".httpHeaders", Tree.text(header, "name"), "a valid HTTP header must consist of alphanumeric characters or '-'"
                                + " (e.g. 'X-Header-Name', regex used for validation is '" + HEADER.pattern() + "')");
                    }
                }
            }
            case "tcpSocket", "grpc" -> port(Tree.at(action, "port"), path + ".port");
            default -> {
                long seconds = Tree.number(action, "seconds");
                if (seconds < 0 || seconds > graceSeconds) {
                    problems.invalid(path, seconds, "must be non-negative and less than terminationGracePeriodSeconds (" + graceSeconds + ")");
                }
            }
        }
    }

    private void port(JsonElement port, String path) {
        if (port != null && port.getAsJsonPrimitive().isString()) {
            problems.invalid(path, port.getAsString(), Formats.portName(port.getAsString()));
        } else {
            long number = port == null ? 0 : port.getAsLong();
            Formats.portNumber(number).forEach(problem -> problems.invalid(path, number, problem));
        }
    }
}
