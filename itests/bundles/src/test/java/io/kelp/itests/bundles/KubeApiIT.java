package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiServer;
import io.kelp.kubeapi.ApiSettings;
import io.kelp.kubeapi.User;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWiring;

/** The Kubernetes API with the libraries it needs and nothing else. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class KubeApiIT {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withLibrariesAnd("base", "kubeapi-", "snakeyaml-engine-");
    }

    @Test
    public void itRunsAndShowsOnePackage() {
        Bundle bundle = new Framework(context).bundle("io.kelp.kubeapi");
        assertEquals(Bundle.ACTIVE, bundle.getState());
        List<Object> packages = Stream.of(bundle.adapt(BundleWiring.class).getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).toArray())
                .map(capability -> ((org.osgi.framework.wiring.BundleCapability) capability).getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)).toList();
        assertEquals(List.of("io.kelp.kubeapi"), packages);
    }

    @Test
    public void aServerAnswersAndLeavesNothingBehind() throws Exception {
        Map<String, Integer> threads = Framework.ownThreads();
        SmallStore store = new SmallStore();
        long before = usedKibibytes();
        long resident = residentKibibytes();
        try (ApiServer server = new ApiServer(store, settings())) {
            assertEquals(201, ask(server, "POST", MAPS, "application/yaml", "metadata: {name: c}\ndata: {k: \"1\"}\n").status);
            Answer patched = ask(server, "PATCH", MAPS + "/c?fieldManager=it", "application/apply-patch+yaml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {l: \"2\"}\n");
            assertEquals(patched.text(), 200, patched.status);
            JsonObject data = ask(server, "GET", MAPS + "/c", "", "").json().getAsJsonObject("data");
            assertEquals("{\"k\":\"1\",\"l\":\"2\"}", data.toString());
            Answer definition = ask(server, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "application/json", """
                    {"metadata": {"name": "lamps.example.org"}, "spec": {"group": "example.org", "scope": "Namespaced", "names": {"plural": "lamps", "kind": "Lamp"},
                    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties":
                    {"spec": {"type": "object", "properties": {"watts": {"type": "integer", "minimum": 1, "default": 7}}}}}}}]}}""");
            assertEquals(definition.text(), 201, definition.status);
            Answer lamp = ask(server, "POST", "/apis/example.org/v1/namespaces/default/lamps", "application/json",
                    "{\"apiVersion\": \"example.org/v1\", \"kind\": \"Lamp\", \"metadata\": {\"name\": \"l\"}, \"spec\": {\"colour\": \"red\"}}");
            assertEquals("{\"watts\":7}", lamp.json().get("spec").toString());
            assertTrue(ask(server, "GET", "/openapi/v2", "", "").text().contains("org.example.v1.Lamp"));
            System.out.println("kubeapi: a running server adds " + (usedKibibytes() - before) + " KiB of heap and "
                    + (residentKibibytes() - resident) + " KiB of resident memory");
        }
        assertEquals(0, store.listeners());
        Framework.await(SOON, () -> Framework.ownThreads().equals(threads), Framework::ownThreads);
    }

    private static ApiSettings settings() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return new ApiSettings("v1.34.4+kelp", generator.generateKeyPair(), "https://kubernetes.default.svc", "",
                Map.of("secret", User.of("it", "system:masters")), Duration.ofMinutes(5), Duration.ofHours(1));
    }

    private static long usedKibibytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
    }

    private static long residentKibibytes() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        return Long.parseLong(status.replaceFirst("(?s).*VmRSS:\\s*(\\d+).*", "$1"));
    }

    private static Answer ask(ApiServer server, String method, String target, String type, String body) throws Exception {
        String[] parts = target.split("\\?fieldManager=");
        Answer answer = new Answer();
        server.serve(new ApiRequest(method, parts[0], parts.length > 1 ? Map.of("fieldManager", List.of(parts[1])) : Map.of(),
                Map.of("authorization", "Bearer secret", "content-type", type), body.getBytes(StandardCharsets.UTF_8), List.of(), "127.0.0.1"), answer);
        answer.ended.get(SOON.toSeconds(), TimeUnit.SECONDS);
        return answer;
    }

    private static final class Answer implements ApiResponse {

        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private volatile int status;

        String text() {
            return body.toString(StandardCharsets.UTF_8);
        }

        JsonObject json() {
            return JsonParser.parseString(text()).getAsJsonObject();
        }

        @Override
        public void start(int code, Map<String, String> headers) {
            status = code;
        }

        @Override
        public CompletableFuture<Void> write(ByteBuffer part) {
            byte[] bytes = new byte[part.remaining()];
            part.get(bytes);
            body.writeBytes(bytes);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void end() {
            ended.complete(null);
        }

        @Override
        public void abort() {
            ended.completeExceptionally(new IOException("broken off"));
        }

        @Override
        public CompletableFuture<Void> closed() {
            return new CompletableFuture<>();
        }
    }
}
