package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Makes {@code recorded.jsonl}: sends random writes to a real kube-apiserver and notes what it makes of them. Needs an API
 * server without controllers behind {@code kubectl proxy}, and writes into its namespace {@code default}.
 *
 * <p>Arguments: address of the proxy, file to write.
 */
final class PatchRecorder {

    private static final int SEQUENCES_PER_KIND = 12;
    private static final int WRITES = 9;

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String server;
    private final PrintWriter out;
    private final Random random = new Random(20_25);
    private final RandomObjects objects = new RandomObjects(random);

    private PatchRecorder(String server, PrintWriter out) {
        this.server = server;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(arguments[1])))) {
            new PatchRecorder(arguments[0], out).run();
        }
    }

    private void run() throws IOException, InterruptedException {
        define();
        for (String kind : List.of("ConfigMap", "Sampler", "PodTemplate", "Node")) {
            ResourceType type = RecordedKinds.type(kind);
            for (int i = 0; i < SEQUENCES_PER_KIND; i++) {
                sequence(type, "r" + i);
            }
        }
    }

    private void define() throws IOException, InterruptedException {
        JsonObject definition = StrictJson.parse("""
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"samplers.test.kelp.io"},
                 "spec":{"group":"test.kelp.io","names":{"plural":"samplers","kind":"Sampler"},"scope":"Namespaced",
                 "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{}}]}}""").getAsJsonObject();
        definition.getAsJsonObject("spec").getAsJsonArray("versions").get(0).getAsJsonObject().getAsJsonObject("schema")
                .add("openAPIV3Schema", RecordedKinds.schemas().get("Sampler"));
        send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/json", definition);
        for (int i = 0; i < 50 && send("GET", "/apis/test.kelp.io/v1/samplers", "", null).statusCode() != 200; i++) {
            Thread.sleep(200);
        }
        Thread.sleep(2_000); // the schema is published a little later
    }

    private void sequence(ResourceType type, String name) throws IOException, InterruptedException {
        String collection = (type.group().isEmpty() ? "/api/" : "/apis/") + type.apiVersion()
                + (type.namespaced() ? "/namespaces/default/" : "/") + type.plural();
        send("PATCH", collection + "/" + name, "application/merge-patch+json", StrictJson.parse("{\"metadata\":{\"finalizers\":null}}"));
        send("DELETE", collection + "/" + name, "", null);
        JsonObject live = null;
        for (int i = 0; i < WRITES; ) {
            String operation = i == 0 ? objects.pick("apply", "create") : operation(type);
            boolean status = live != null && type.hasStatus() && random.nextInt(4) == 0 && !operation.equals("reset");
            JsonObject line = new JsonObject();
            line.addProperty("kind", type.kind());
            line.addProperty("first", i == 0);
            line.addProperty("operation", operation);
            line.addProperty("manager", objects.pick("m1", "m2", "m3", "kubectl"));
            line.addProperty("force", operation.equals("apply") && random.nextInt(3) == 0);
            line.addProperty("subresource", status ? "status" : "");
            line.add("sent", sent(operation, type, name, live, status));
            HttpResponse<String> answer = send(line, collection, name);
            JsonObject body = StrictJson.parse(answer.body()).getAsJsonObject();
            line.addProperty("code", answer.statusCode());
            if (answer.statusCode() / 100 == 2) {
                live = body;
            } else if (live == null) {
                continue; // not to the liking of the server; the next one will be
            }
            i++;
            line.add("answer", body);
            out.println(StrictJson.write(line));
            Thread.sleep(random.nextInt(5) == 0 ? 1_100 : 0); // times of entries have whole seconds
        }
    }

    private String operation(ResourceType type) {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4, 5 -> "apply";
            case 6 -> "update";
            case 7, 8 -> "merge";
            case 9 -> "json";
            case 10 -> random.nextInt(3) == 0 ? "reset" : "merge";
            default -> type.custom() ? "apply" : "strategic";
        };
    }

    private JsonElement sent(String operation, ResourceType type, String name, JsonObject live, boolean status) {
        JsonObject object = objects.value(type.schema(), "", 0.55).getAsJsonObject();
        if (!status && !type.kind().equals("Node")) {
            object.remove("status");
        }
        switch (operation) {
            case "reset" -> {
                return StrictJson.parse("{\"metadata\":{\"managedFields\":[" + objects.pick("", "{}", "{\"manager\":\"x\"}") + "]}}");
            }
            case "json" -> {
                return jsonPatch(object, live);
            }
            case "merge", "strategic" -> {
                objects.withNulls(object, 0.2);
                return object;
            }
            default -> { }
        }
        object.addProperty("apiVersion", type.apiVersion());
        object.addProperty("kind", type.kind());
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        if (operation.equals("update")) {
            metadata.add("resourceVersion", live.getAsJsonObject("metadata").get("resourceVersion"));
        }
        if (random.nextInt(3) == 0) {
            JsonObject labels = new JsonObject();
            labels.addProperty(objects.pick("a", "b"), objects.pick("1", "2"));
            metadata.add(objects.pick("labels", "annotations"), labels);
        }
        if (random.nextInt(4) == 0) {
            metadata.add("finalizers", StrictJson.parse("[\"test.kelp.io/" + objects.pick("a", "b") + "\"]"));
        }
        object.add("metadata", metadata);
        return object;
    }

    private static JsonArray jsonPatch(JsonObject object, JsonObject live) {
        JsonArray patch = new JsonArray();
        for (String member : object.keySet()) {
            JsonObject operation = new JsonObject();
            boolean inside = live.get(member) instanceof JsonObject && object.get(member).isJsonObject();
            if (!inside) {
                operation.addProperty("op", "add");
                operation.addProperty("path", "/" + member);
                operation.add("value", object.get(member));
                patch.add(operation);
                continue;
            }
            object.getAsJsonObject(member).entrySet().forEach(entry -> {
                JsonObject inner = new JsonObject();
                inner.addProperty("op", "replace");
                inner.addProperty("path", "/" + member + "/" + entry.getKey());
                inner.add("value", entry.getValue());
                patch.add(inner);
            });
        }
        return patch;
    }

    private HttpResponse<String> send(JsonObject line, String collection, String name) throws IOException, InterruptedException {
        String manager = "?fieldManager=" + line.get("manager").getAsString();
        String subresource = line.get("subresource").getAsString();
        String path = collection + "/" + name + (subresource.isEmpty() ? "" : "/" + subresource) + manager;
        JsonElement sent = line.get("sent");
        return switch (line.get("operation").getAsString()) {
            case "create" -> send("POST", collection + manager, "application/json", sent);
            case "update" -> send("PUT", path, "application/json", sent);
            case "json" -> send("PATCH", path, "application/json-patch+json", sent);
            case "strategic" -> send("PATCH", path, "application/strategic-merge-patch+json", sent);
            case "apply" -> send("PATCH", path + "&force=" + line.get("force").getAsString(), "application/apply-patch+yaml", sent);
            default -> send("PATCH", path, "application/merge-patch+json", sent);
        };
    }

    private HttpResponse<String> send(String method, String path, String type, JsonElement body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(20))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(StrictJson.write(body)));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
