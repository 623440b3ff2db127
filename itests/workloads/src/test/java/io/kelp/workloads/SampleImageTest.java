package io.kelp.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.testkit.registry.DockerRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleImageTest {

    @TempDir
    Path folder;

    @Test
    void aRegistryTakesItAndTellsItsDigest() throws Exception {
        SampleImage image = new SampleImage(100_000, new SampleJars(folder.resolve("jars")).web("alder", "1.0.0"));
        try (DockerRegistry registry = DockerRegistry.start(folder.resolve("registry"))) {
            image.push("127.0.0.1:" + registry.port(), "team/alder", "1");
            var answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + registry.port() + "/v2/team/alder/manifests/1"))
                    .header("Accept", "application/vnd.oci.image.manifest.v1+json").build(), BodyHandlers.ofString());
            assertEquals(image.id(), answer.headers().firstValue("Docker-Content-Digest").orElse(answer.body()));
        }
    }

    @Test
    void aClosedRegistryKnowsItsUser() throws Exception {
        try (DockerRegistry registry = DockerRegistry.start(folder.resolve("registry"), DockerRegistry.user(folder, "user", "a word"))) {
            assertEquals(401, status(registry, "user:wrong"));
            assertEquals(200, status(registry, "user:a word"));
        }
    }

    private static int status(DockerRegistry registry, String who) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + registry.port() + "/v2/"))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(who.getBytes())).build(), BodyHandlers.ofString()).statusCode();
    }
}
