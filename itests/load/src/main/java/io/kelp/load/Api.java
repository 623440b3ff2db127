package io.kelp.load;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;

/** The API server of {@code itests/control-plane.sh}, without the start time of kubectl. */
final class Api {

    private final HttpClient http;
    private final String server;
    private final String token;

    Api(Path kubeconfig) throws IOException, GeneralSecurityException {
        String text = Files.readString(kubeconfig);
        server = value(text, "server:");
        token = value(text, "token:");
        http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5))
                .sslContext(Tls.trusting(Base64.getDecoder().decode(value(text, "certificate-authority-data:")))).build();
    }

    private static String value(String text, String key) {
        return text.lines().map(String::strip).filter(l -> l.startsWith(key)).findFirst().orElseThrow().substring(key.length()).strip();
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

    private JsonObject send(String method, String path, String type, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token).header("Content-Type", type).header("Accept", "application/json")
                .method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body)).build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
