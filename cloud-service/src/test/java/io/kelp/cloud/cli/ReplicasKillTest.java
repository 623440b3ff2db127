package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.RealApiServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes of the cloud service at one real API server, one address for all, gateways that come back wherever it leads. */
@Tag("slow")
class ReplicasKillTest {

    private static final int GATEWAYS = 45;
    private static final int ROUNDS = 40;

    @TempDir
    private Path dir;
    private final List<Process> processes = new ArrayList<>();
    private final List<int[]> ports = new ArrayList<>();
    private RealApiServer server;
    private KubeClient client;

    @Test
    void nothingIsLostWhenAReplicaDiesUnderLoadAndGatewaysSpreadAgain() throws Exception {
        server = RealApiServer.start();
        List<MovingGateway> gateways = new ArrayList<>();
        try (KubeClient own = server.client()) {
            client = own;
            for (int i = 0; i < 3; i++) {
                ports.add(new int[] {free(), free(), free()});
                processes.add(replica(i));
                awaitServing(i); // the first makes the CA that all share
            }
            try (LoadBalancer balancer = new LoadBalancer(ports.stream().map(p -> p[0]).toList())) {
                X509Certificate ca = TestCloud.certificate(Base64.getDecoder().decode(secret("casecret", "cadata")));
                for (int i = 0; i < GATEWAYS; i++) {
                    create("/api/v1/nodes", "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"g" + i
                            + "\", \"labels\": {\"node-role.kubernetes.io/edge\": \"\"}}}");
                    create("/api/v1/namespaces/default/pods", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p" + i + "\"}, \"spec\":"
                            + " {\"nodeName\": \"g" + i + "\", \"containers\": [{\"name\": \"c\", \"image\": \"x\"}]}}");
                    gateways.add(new MovingGateway("g" + i, join("g" + i, i % 3, ca), ca, balancer.port()));
                }
                Await.until("all pods have arrived", 60, () -> gateways.stream().allMatch(g -> g.store().size() == 1));
                assertTrue(IntStream.range(0, 3).allMatch(i -> sessions(i) >= 10), "spread at first: " + spread());
                load(gateways);
                Await.until("all has been confirmed", 60, () -> gateways.stream().allMatch(MovingGateway::isQuiet));
                Await.until("all gateways have the newest of their pods", 30, () -> gateways.stream().allMatch(g -> g.store().equals(bound(g.node()))));
                checkWritten();
                Await.until("gateways are spread again: " + spread(), 90, () -> IntStream.range(0, 3).allMatch(i -> sessions(i) >= 10));
                Await.until("still all is there", 30, () -> gateways.stream().allMatch(g -> g.store().equals(bound(g.node()))));
            }
        } finally {
            for (MovingGateway gateway : gateways) {
                gateway.close();
            }
            for (Process process : processes) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
            server.close();
        }
    }

    private void load(List<MovingGateway> gateways) throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            long next = System.nanoTime() + 200_000_000L;
            for (int i = 0; i < GATEWAYS; i++) {
                if (i != 7 || round < 15) {
                    gateways.get(i).say("p" + i, round, "e" + i + "-" + round);
                }
                if (i % 5 == round % 5 && (i != 7 || round < 15)) {
                    client.patch("/api/v1/namespaces/default/pods/p" + i, PatchType.MERGE,
                            "{\"metadata\": {\"annotations\": {\"round\": \"" + round + "\"}}}").get(10, TimeUnit.SECONDS);
                }
            }
            if (round == 10) {
                processes.get(0).destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            } else if (round == 15) {
                // by force, as an operator who does not wait for a gateway
                client.delete("/api/v1/namespaces/default/pods/p7?gracePeriodSeconds=0", null).get(10, TimeUnit.SECONDS);
            } else if (round == 20) {
                processes.set(0, replica(0));
            }
            long left = next - System.nanoTime();
            if (left > 0) {
                TimeUnit.NANOSECONDS.sleep(left); // the pace of the load
            }
        }
    }

    private void checkWritten() throws Exception {
        for (JsonElement item : get("/api/v1/namespaces/default/pods").getAsJsonArray("items")) {
            JsonObject pod = item.getAsJsonObject();
            assertEquals(ROUNDS, Integer.parseInt(pod.getAsJsonObject("status").get("message").getAsString()), pod.toString());
        }
        Set<String> names = new HashSet<>();
        get("/api/v1/namespaces/default/events").getAsJsonArray("items").forEach(e ->
                names.add(e.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString()));
        for (int i = 0; i < GATEWAYS; i++) {
            for (int round = 1; round <= (i == 7 ? 14 : ROUNDS); round++) {
                assertTrue(names.contains("e" + i + "-" + round), "e" + i + "-" + round);
            }
        }
        assertFalse(bound("g7").containsKey("p7"));
    }

    private Map<String, String> bound(String node) {
        Map<String, String> versions = new HashMap<>();
        get("/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName%3D" + node).getAsJsonArray("items").forEach(item -> {
            JsonObject metadata = item.getAsJsonObject().getAsJsonObject("metadata");
            versions.put(metadata.get("name").getAsString(), metadata.get("resourceVersion").getAsString());
        });
        return versions;
    }

    private String spread() {
        return sessions(0) + ", " + sessions(1) + ", " + sessions(2);
    }

    private int sessions(int replica) {
        try {
            return body("http://127.0.0.1:" + ports.get(replica)[2] + "/metrics").lines().filter(line -> line.startsWith("kelp_hub_sessions "))
                    .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' ') + 1))).findFirst().orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private void awaitServing(int replica) {
        Await.until("replica " + replica + " serves", 60, () -> {
            try {
                return body("http://127.0.0.1:" + ports.get(replica)[2] + "/healthz").contains("ok");
            } catch (IOException e) {
                assertTrue(processes.get(replica).isAlive(), "replica ended, see " + dir);
                return false;
            }
        });
    }

    private static String body(String url) throws IOException {
        try {
            return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private Process replica(int i) throws IOException {
        int[] p = ports.get(i);
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("java.class.path"), Main.class.getName(), "run", "--kubeconfig", server.kubeconfig().toString(),
                "--bind", "127.0.0.1", "--advertise", "127.0.0.1", "--hub-port", "" + p[0], "--join-port", "" + p[1], "--web-port", "" + p[2]);
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("replica" + i + ".log").toFile())).start();
    }

    private Identity join(String node, int replica, X509Certificate ca) throws Exception {
        String token = new String(Base64.getDecoder().decode(secret("tokensecret", "tokendata")), StandardCharsets.US_ASCII);
        KeyPair keys = TestCloud.newKeys();
        HttpResponse<byte[]> answer = HttpClient.newBuilder().sslContext(TestCloud.tls(ca, null)).build().send(HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + ports.get(replica)[1] + "/edge.crt"))
                .header("Authorization", "Bearer " + token.substring(token.indexOf('.') + 1)).header("NodeName", node)
                .method("GET", HttpRequest.BodyPublishers.ofByteArray(TestCloud.nodeCsr(keys, node))).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode(), () -> new String(answer.body(), StandardCharsets.UTF_8));
        return new Identity(keys, TestCloud.certificate(answer.body()));
    }

    private String secret(String name, String key) {
        return get("/api/v1/namespaces/kubeedge/secrets/" + name).getAsJsonObject("data").get(key).getAsString();
    }

    private JsonObject get(String path) {
        try {
            return client.get(path).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(path, e);
        }
    }

    private void create(String path, String object) throws Exception {
        client.create(path, JsonParser.parseString(object).getAsJsonObject()).get(10, TimeUnit.SECONDS);
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
