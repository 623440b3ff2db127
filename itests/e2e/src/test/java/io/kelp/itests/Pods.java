package io.kelp.itests;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pods of one gateway in a namespace of their own: what the API says of them, and what they say themselves. */
final class Pods {

    static final Duration SOON = Duration.ofSeconds(30);

    final ControlPlane plane;
    final GatewayProcess gateway;
    final String namespace;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    /** Makes the namespace, which has the name of the gateway. */
    Pods(ControlPlane plane, GatewayProcess gateway) {
        this.plane = plane;
        this.gateway = gateway;
        this.namespace = gateway.node();
        plane.kubectl("", "create", "namespace", namespace).orFail();
        Await.until("the namespace has its service account", SOON, () -> plane.get(namespace, "serviceaccount", "default").isPresent());
    }

    /** A spec for pods that the scheduler puts onto this gateway; {@code more} are further lines of the spec, not indented. */
    String spec(String more) {
        return "runtimeClassName: osgi\nterminationGracePeriodSeconds: 5\nnodeSelector: {kubernetes.io/hostname: %s}\n".formatted(gateway.node()) + more;
    }

    /** A container as part of a spec; {@code more} are further lines of it, not indented. */
    static String container(String name, String image, String more) {
        return "- name: " + name + "\n  image: " + image + "\n  imagePullPolicy: IfNotPresent\n" + more.indent(2);
    }

    /** A spec with one container that listens on a port that is chosen for it, and is probed there. */
    String web(String image, String more) {
        return spec("containers:\n" + container("web", image, """
                ports: [{name: http, containerPort: 8080}]
                readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1}
                """ + more));
    }

    static String pod(String name, String spec) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, labels: {app: %s}}\nspec:\n".formatted(name, name) + spec.indent(2);
    }

    /** Of {@code apps/v1}, with pods labelled {@code app: name}; {@code more} are further lines of the spec, not indented. */
    static String controller(String kind, String name, String more, String podSpec) {
        return """
                apiVersion: apps/v1
                kind: %s
                metadata: {name: %s}
                spec:
                  selector: {matchLabels: {app: %s}}
                """.formatted(kind, name, name) + more.indent(2)
                + "  template:\n    metadata: {labels: {app: %s}}\n    spec:\n".formatted(name) + podSpec.indent(6);
    }

    void apply(String manifest) {
        plane.kubectl(manifest, "-n", namespace, "apply", "-f", "-").orFail();
    }

    String kubectl(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(List.of(arguments));
        return plane.kubectl("", all.toArray(String[]::new)).orFail();
    }

    Optional<JsonObject> get(String name) {
        return plane.get(namespace, "pod", name);
    }

    /** Pods labelled {@code app: name} that nobody wants gone. */
    List<JsonObject> of(String app) {
        List<JsonObject> found = new ArrayList<>();
        for (JsonElement each : JsonParser.parseString(kubectl("get", "pods", "-l", "app=" + app, "-o", "json")).getAsJsonObject().getAsJsonArray("items")) {
            if (!each.getAsJsonObject().getAsJsonObject("metadata").has("deletionTimestamp")) {
                found.add(each.getAsJsonObject());
            }
        }
        return found;
    }

    static String name(JsonObject pod) {
        return pod.getAsJsonObject("metadata").get("name").getAsString();
    }

    static String uid(JsonObject pod) {
        return pod.getAsJsonObject("metadata").get("uid").getAsString();
    }

    static String phase(JsonObject pod) {
        return text(pod, "status", "phase");
    }

    static boolean isReady(JsonObject pod) {
        return condition(pod, "Ready").equals("True");
    }

    /** Status of a condition; empty when it is not there. */
    static String condition(JsonObject pod, String type) {
        for (JsonElement each : array(pod, "status", "conditions")) {
            if (each.getAsJsonObject().get("type").getAsString().equals(type)) {
                return each.getAsJsonObject().get("status").getAsString();
            }
        }
        return "";
    }

    /** The status of a container; empty object when there is none. */
    static JsonObject container(JsonObject pod, String name) {
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (JsonElement each : array(pod, "status", list)) {
                if (each.getAsJsonObject().get("name").getAsString().equals(name)) {
                    return each.getAsJsonObject();
                }
            }
        }
        return new JsonObject();
    }

    static int restarts(JsonObject pod, String container) {
        return container(pod, container).has("restartCount") ? container(pod, container).get("restartCount").getAsInt() : -1;
    }

    /** A text at a path of member names; empty when it is not there. */
    static String text(JsonObject object, String... path) {
        JsonElement at = object;
        for (String member : path) {
            at = at instanceof JsonObject o ? o.get(member) : null;
        }
        return at == null || at.isJsonNull() ? "" : at.getAsString();
    }

    private static JsonArray array(JsonObject object, String... path) {
        JsonElement at = object;
        for (String member : path) {
            at = at instanceof JsonObject o ? o.get(member) : null;
        }
        return at instanceof JsonArray array ? array : new JsonArray();
    }

    JsonObject awaitReady(String name) {
        return await(name, "is ready", Pods::isReady);
    }

    /** What is waited for. */
    interface Condition {
        boolean holds(JsonObject pod);
    }

    /** Waits; a failure shows the pod's status and Events. */
    JsonObject await(String name, String what, Condition condition) {
        return await(name, what, SOON, condition);
    }

    JsonObject await(String name, String what, Duration limit, Condition condition) {
        try {
            Await.until("pod " + name + " " + what, limit, () -> get(name).filter(condition::holds).isPresent());
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + get(name).map(p -> String.valueOf(p.get("status"))).orElse("no such pod") + "\n" + events(name), e);
        }
        return get(name).orElseThrow(() -> new AssertionError("pod " + name + " is gone"));
    }

    /** Waits until so many pods of an app are ready, and no other ones are there. */
    List<JsonObject> awaitReady(String app, int count) {
        try {
            Await.until(count + " pods of " + app + " are ready", SOON.multipliedBy(2),
                    () -> of(app).size() == count && of(app).stream().allMatch(Pods::isReady));
        } catch (AssertionError e) {
            StringBuilder shown = new StringBuilder(e.getMessage());
            of(app).forEach(p -> shown.append('\n').append(name(p)).append(": ").append(p.get("status")).append(events(name(p))));
            throw new AssertionError(shown.toString(), e);
        }
        return of(app);
    }

    void awaitGone(String name) {
        Await.until("pod " + name + " is gone", SOON, () -> get(name).isEmpty());
    }

    /** The Events of an object, a line each: type, reason, count, message. */
    List<String> events(String name) {
        List<String> lines = new ArrayList<>();
        for (JsonElement each : JsonParser.parseString(kubectl("get", "events", "--field-selector", "involvedObject.name=" + name, "-o", "json"))
                .getAsJsonObject().getAsJsonArray("items")) {
            JsonObject event = each.getAsJsonObject();
            lines.add(text(event, "type") + " " + text(event, "reason") + " " + text(event, "count") + " " + text(event, "message"));
        }
        return lines;
    }

    boolean hasEvent(String name, String reason) {
        return events(name).stream().anyMatch(e -> e.split(" ")[1].equals(reason));
    }

    /** The port on the gateway of a port of a pod. */
    static int port(JsonObject pod, String container, int number) {
        String ports = pod.getAsJsonObject("metadata").getAsJsonObject("annotations").get("kelp.io/ports").getAsString();
        return JsonParser.parseString(ports).getAsJsonObject().getAsJsonObject(container).get("" + number).getAsInt();
    }

    /** What container {@code web} of a pod answers at a path. */
    String ask(JsonObject pod, String path) {
        return ask(text(pod, "status", "podIP"), port(pod, "web", 8080), path);
    }

    String ask(String address, int port, String path) {
        try {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create("http://" + address + ":" + port + path))
                    .timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return "no answer: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
