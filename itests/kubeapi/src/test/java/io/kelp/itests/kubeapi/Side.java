package io.kelp.itests.kubeapi;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One of the two API servers, and the ways to ask it.
 *
 * @param name {@code real} or {@code ours}
 * @param folder for files of this side: its kubeconfig, certificates, kubectl's cache
 * @param kubeconfig the same content as JSON
 */
record Side(String name, Path folder, Path kubeconfig, JsonObject settings, KubernetesClient client) implements AutoCloseable {

    private static final long LIMIT_SECONDS = 60;

    static Side of(String name, Path folder, Path original) {
        try {
            Files.createDirectories(folder);
            String json = Shell.run(Duration.ofSeconds(30), folder, Map.of(), List.of("kubectl", "--kubeconfig", original.toString(),
                    "config", "view", "--raw", "--flatten", "-o", "json")).orFail();
            Path copy = Files.writeString(folder.resolve("kubeconfig"), json);
            Config config = Config.fromKubeconfig(copy.toFile());
            config.setRequestRetryBackoffLimit(0);
            return new Side(name, folder, copy, JsonParser.parseString(json).getAsJsonObject(),
                    new KubernetesClientBuilder().withConfig(config).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer of the API. */
    record Answer(int code, String text) {

        JsonObject json() {
            try {
                return JsonParser.parseString(text).getAsJsonObject();
            } catch (RuntimeException e) {
                throw new AssertionError("not a JSON object: " + code + " " + text, e);
            }
        }

        /** @throws AssertionError unless it is a good one */
        JsonObject orFail() {
            if (code >= 300) {
                throw new AssertionError(code + " " + text);
            }
            return json();
        }
    }

    Answer get(String path) {
        return ask("GET", path, null, "");
    }

    Answer post(String path, JsonElement body) {
        return ask("POST", path, "application/json", body.toString());
    }

    Answer put(String path, JsonElement body) {
        return ask("PUT", path, "application/json", body.toString());
    }

    Answer delete(String path) {
        return ask("DELETE", path, "application/json", "");
    }

    Answer ask(String method, String path, String contentType, String body) {
        HttpRequest.Builder request = client.getHttpClient().newHttpRequestBuilder().uri(server() + path).header("Accept", "application/json")
                .header("User-Agent", "compare");
        request = contentType == null ? request.method(method, null, null) : request.method(method, contentType, body);
        try {
            HttpResponse<String> response = client.getHttpClient().sendAsync(request.build(), String.class).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return new Answer(response.code(), response.bodyString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new AssertionError(name + " does not answer " + method + " " + path, e);
        }
    }

    String server() {
        return cluster().get("server").getAsString();
    }

    private JsonObject cluster() {
        return settings.getAsJsonArray("clusters").get(0).getAsJsonObject().getAsJsonObject("cluster");
    }

    /** Options by which curl presents itself as the administrator. */
    String curlOptions() {
        JsonObject user = settings.getAsJsonArray("users").get(0).getAsJsonObject().getAsJsonObject("user");
        String options = "--cacert " + file("ca.crt", cluster().get("certificate-authority-data"));
        if (user.has("token")) {
            return options + " -H Authorization:Bearer\\ " + user.get("token").getAsString();
        }
        return options + " --cert " + file("client.crt", user.get("client-certificate-data")) + " --key " + file("client.key", user.get("client-key-data"));
    }

    private Path file(String called, JsonElement base64) {
        try {
            return Files.write(folder.resolve(called), Base64.getDecoder().decode(base64.getAsString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A kubeconfig whose default namespace is another. */
    Path kubeconfigIn(String namespace, Path into) {
        JsonObject changed = settings.deepCopy();
        changed.getAsJsonArray("contexts").get(0).getAsJsonObject().getAsJsonObject("context").addProperty("namespace", namespace);
        try {
            return Files.writeString(into, changed.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
