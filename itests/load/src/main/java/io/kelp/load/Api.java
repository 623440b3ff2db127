package io.kelp.load;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** An API server by its kubeconfig, without the start time of kubectl. */
final class Api {

    private final HttpClient http;
    private final String server;
    private final String authorization; // empty when the client's certificate says it all

    Api(Path kubeconfig) throws IOException, GeneralSecurityException {
        ApiAccess access = ApiAccess.of(kubeconfig);
        server = "https://" + access.host() + ":" + access.port();
        authorization = access.authorization().strip().replaceFirst("^Authorization: ", "");
        http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).sslContext(access.tls()).build();
    }

    JsonObject get(String path) throws IOException, InterruptedException {
        return send("GET", path, "application/json", "");
    }

    JsonObject create(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, "application/json", json);
    }

    JsonObject mergePatch(String path, String json) throws IOException, InterruptedException {
        return send("PATCH", path, "application/merge-patch+json", json);
    }

    JsonObject delete(String path) throws IOException, InterruptedException {
        return send("DELETE", path, "application/json", "");
    }

    private JsonObject send(String method, String path, String type, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(20))
                .header("Content-Type", type).header("Accept", "application/json")
                .method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
