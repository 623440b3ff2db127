package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneServerTest {

    @TempDir
    private Path data;

    @Test
    void whatWasWrittenIsThereAfterARestartUnderTheSameKubeconfig() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        StandaloneServer.Options options = new StandaloneServer.Options(data, "127.0.0.1", port, List.of());
        String uid;
        try (StandaloneServer server = StandaloneServer.start(options); KubeClient client = client(server)) {
            assertEquals(StandaloneServer.GIT_VERSION, Tree.text(client.get("/version").get(5, TimeUnit.SECONDS), "gitVersion"));
            uid = Tree.meta(client.create("/api/v1/namespaces/default/configmaps", JsonParser.parseString(
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":\"b\"}}").getAsJsonObject())
                    .get(5, TimeUnit.SECONDS), "uid");
        }
        try (StandaloneServer server = StandaloneServer.start(options); KubeClient client = client(server)) {
            JsonObject found = client.get("/api/v1/namespaces/default/configmaps/c").get(5, TimeUnit.SECONDS);
            assertEquals(uid, Tree.meta(found, "uid"));
        }
    }

    @Test
    void aSecondProcessOnTheSameFolderIsToldSo() throws Exception {
        try (StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data))) {
            String message = assertThrows(StandaloneServer.StartException.class,
                    () -> StandaloneServer.start(StandaloneServer.Options.onLoopback(data))).getMessage();
            assertTrue(message.contains("in use by process " + ProcessHandle.current().pid()), message);
            assertTrue(server.url().startsWith("https://127.0.0.1:"), server.url());
        }
    }

    @Test
    void aPodIsPlacedOnAReadyNodeAndItsConditionsSaySo() throws Exception {
        StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data));
        KubeClient client = client(server);
        Controllers controllers = new Controllers(client);
        try (server; client; controllers) {
            client.create("/api/v1/nodes", JsonParser.parseString(
                    "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"gw\"}}").getAsJsonObject()).get(5, TimeUnit.SECONDS);
            client.patch("/api/v1/nodes/gw/status", KubeApi.PatchType.STRATEGIC, """
                    {"status":{"conditions":[{"type":"Ready","status":"True","reason":"r","message":"m"}]}}""").get(5, TimeUnit.SECONDS);
            client.create("/api/v1/namespaces/default/pods", JsonParser.parseString("""
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}""")
                    .getAsJsonObject()).get(5, TimeUnit.SECONDS);
            Await.until("it is placed", () -> Tree.text(Tree.object(pod(client), "spec"), "nodeName").equals("gw"));
            JsonObject scheduled = Tree.objects(Tree.object(pod(client), "status"), "conditions").stream()
                    .filter(c -> Tree.text(c, "type").equals("PodScheduled")).findFirst().orElseThrow();
            assertEquals("True", Tree.text(scheduled, "status"));
            Await.until("an event tells it", () -> get(client, "/api/v1/namespaces/default/events").toString()
                    .contains("Successfully assigned default/p to gw"));
        }
    }

    private static JsonObject pod(KubeClient client) {
        return get(client, "/api/v1/namespaces/default/pods/p");
    }

    private static JsonObject get(KubeClient client, String path) {
        try {
            return client.get(path).get(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBusyPortIsNamedWithTheOptionThatChangesIt() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String message = assertThrows(StandaloneServer.StartException.class, () -> StandaloneServer.start(
                    new StandaloneServer.Options(data, "127.0.0.1", busy.getLocalPort(), List.of()))).getMessage();
            assertEquals("Cannot listen on 127.0.0.1:" + busy.getLocalPort()
                    + " (Address already in use); another program may have the port, choose another with --api-port", message);
        }
        StandaloneServer.start(StandaloneServer.Options.onLoopback(data)).close(); // nothing was left behind
    }

    private static KubeClient client(StandaloneServer server) throws Exception {
        return KubeClient.connect(server.kubeconfig().toFile(), KubeClient.Settings.defaults());
    }
}
