package io.kelp.cloud.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class KubeClientRealServerTest {

    private static RealApiServer server;
    private static KubeClient client;

    @BeforeAll
    static void start() throws Exception {
        server = RealApiServer.start();
        client = server.client();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    private record Seen(String name, String value) {}

    private static final class Log implements ObjectCache.Listener<Seen> {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void changed(Seen before, Seen now) {
            lines.add((before == null ? "+" : before.value + ">") + now.name + "=" + now.value);
        }

        @Override
        public void removed(Seen last) {
            lines.add("-" + last.name);
        }
    }

    private static Seen project(JsonObject map) {
        JsonObject data = map.getAsJsonObject("data");
        return new Seen(map.getAsJsonObject("metadata").get("name").getAsString(),
                data == null ? "" : data.get("v").getAsString());
    }

    private static JsonObject map(String name, String value) {
        return JsonParser.parseString("{'metadata':{'name':'" + name + "'},'data':{'v':'" + value + "'}}").getAsJsonObject();
    }

    private static void namespace(String name) throws Exception {
        done(client.create("/api/v1/namespaces",
                JsonParser.parseString("{'metadata':{'name':'" + name + "'}}").getAsJsonObject()));
    }

    private static <T> T done(CompletableFuture<T> stage) throws Exception {
        return stage.get(20, TimeUnit.SECONDS);
    }

    @Test
    void objectsAreCreatedReadPatchedUpdatedAndDeleted() throws Exception {
        namespace("crud");
        String path = "/api/v1/namespaces/crud/configmaps";
        done(client.create(path, map("a", "1")));
        done(client.patch(path + "/a", KubeApi.PatchType.MERGE, "{\"data\":{\"w\":\"2\"}}"));
        JsonObject read = done(client.get(path + "/a"));
        assertEquals("{\"v\":\"1\",\"w\":\"2\"}", read.get("data").toString());
        read.getAsJsonObject("data").addProperty("v", "3");
        assertEquals("3", project(done(client.update(path + "/a", read))).value());
        done(client.delete(path + "/a", null));
        ExecutionException gone = assertThrows(ExecutionException.class, () -> done(client.get(path + "/a")));
        KubeException refused = assertInstanceOf(KubeException.class, gone.getCause());
        assertEquals(404, refused.code());
        assertEquals("NotFound", refused.reason());
    }

    @Test
    void aFollowedCollectionOfSeveralPagesIsCompleteAndKeptCurrent() throws Exception {
        namespace("pages");
        String path = "/api/v1/namespaces/pages/configmaps";
        CompletableFuture.allOf(IntStream.range(0, 620)
                .mapToObj(i -> client.create(path, map("m" + i, "0"))).toArray(CompletableFuture[]::new))
                .get(60, TimeUnit.SECONDS);
        Log log = new Log();
        try (ObjectCache<Seen> cache = client.follow(path, Map.of(), KubeClientRealServerTest::project, log)) {
            done(cache.synced());
            assertEquals(620, cache.all().size());
            assertEquals(620, log.lines.size());
            log.lines.clear();
            done(client.patch(path + "/m7", KubeApi.PatchType.MERGE, "{\"data\":{\"v\":\"1\"}}"));
            done(client.delete(path + "/m8", null));
            done(client.create(path, map("n", "2")));
            Await.until("three events", () -> log.lines.size() == 3);
            assertEquals(List.of("0>m7=1", "-m8", "+n=2"), log.lines);
            assertEquals("1", cache.get("pages", "m7").orElseThrow().value());
            assertTrue(cache.get("pages", "m8").isEmpty());
        }
    }

    @Test
    void changesMadeWhileTheServerCouldNotBeReachedAreToldAfterItsReturn() throws Exception {
        namespace("outage");
        String path = "/api/v1/namespaces/outage/configmaps";
        done(client.create(path, map("stays", "1")));
        done(client.create(path, map("goes", "1")));
        Log log = new Log();
        try (ObjectCache<Seen> cache = client.follow(path, Map.of(), KubeClientRealServerTest::project, log)) {
            done(cache.synced());
            log.lines.clear();
            server.restart();
            done(client.delete(path + "/goes", null));
            done(client.create(path, map("comes", "1")));
            Await.until("both changes after the restart", 40, () -> log.lines.size() >= 2);
            assertEquals(List.of("+comes=1", "-goes"), log.lines.stream().sorted().toList());
            assertEquals(2, cache.all().stream().filter(o -> !o.name().equals("kube-root-ca.crt")).count());
        }
    }
}
