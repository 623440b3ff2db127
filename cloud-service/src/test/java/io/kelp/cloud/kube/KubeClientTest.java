package io.kelp.cloud.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against a server that misbehaves on purpose. */
class KubeClientTest {

    /** Answers one request. */
    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Answer> lists = new LinkedBlockingQueue<>();
    private final BlockingQueue<Answer> watches = new LinkedBlockingQueue<>();
    private final List<String> queries = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private KubeClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/items", exchange -> {
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            queries.add(query);
            try {
                (query.contains("watch=true") ? watches : lists).take().to(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                exchange.close();
            }
        });
        server.start();
        Config config = new ConfigBuilder(Config.empty()).withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort()).build();
        client = new KubeClient(config, new KubeClient.Settings(Duration.ofMillis(700), 3, 2, 3, 2, Duration.ofMillis(700), Duration.ofMillis(200)));
    }

    @AfterEach
    void stop() {
        client.close();
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static Answer answer(int code, String body, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    /** Sends events, then ends the stream, or says nothing more. */
    private Answer events(boolean thenSilent, String... events) {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            for (String event : events) {
                out.write((event.replace('\'', '"') + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            if (thenSilent) {
                end.await();
            }
        };
    }

    private static String list(String version, String continueToken, String... items) {
        return ("{'kind':'ThingList','apiVersion':'v1','metadata':{'resourceVersion':'" + version + "','continue':'" + continueToken
                + "'},'items':[" + String.join(",", items) + "]}").replace('\'', '"');
    }

    private static String item(String name, String version) {
        return "{'metadata':{'name':'" + name + "','uid':'u-" + name + "','resourceVersion':'" + version + "'}}";
    }

    private static String event(String type, String name, String version) {
        return "{'type':'" + type + "','object':" + item(name, version) + "}";
    }

    private final class Log implements ObjectCache.Listener<String> {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void changed(String before, String now) {
            lines.add((before == null ? "+" : "~") + now);
        }

        @Override
        public void removed(String last) {
            lines.add("-" + last);
        }
    }

    private ObjectCache<String> follow(Log log) {
        return client.follow("/items", Map.of("labelSelector", "a=b"), object -> {
            assertEquals("Thing", object.has("kind") ? object.get("kind").getAsString() : "Thing");
            JsonObject metadata = object.getAsJsonObject("metadata");
            return metadata.get("name").getAsString() + metadata.get("resourceVersion").getAsString();
        }, log);
    }

    @Test
    void anAnswer429IsObeyedAndRepeatedABoundedNumberOfTimes() throws Exception {
        lists.add(answer(429, "", "Retry-After", "1"));
        lists.add(answer(200, "{\"ok\":true}"));
        long start = System.nanoTime();
        assertEquals("{\"ok\":true}", client.get("/items").get(5, TimeUnit.SECONDS).toString());
        assertTrue(System.nanoTime() - start >= 1_000_000_000L);
        assertEquals(1, client.throttledAnswers());
        for (int i = 0; i < 3; i++) {
            lists.add(answer(429, "", "Retry-After", "0"));
        }
        ExecutionException refused = assertThrows(ExecutionException.class, () -> client.get("/items").get(5, TimeUnit.SECONDS));
        assertEquals(429, assertInstanceOf(KubeException.class, refused.getCause()).code());
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpInTime() {
        lists.add(exchange -> end.await());
        long start = System.nanoTime();
        ExecutionException failed = assertThrows(ExecutionException.class, () -> client.get("/items").get(5, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, failed.getCause());
        assertTrue(System.nanoTime() - start < 3_000_000_000L);
    }

    @Test
    void whatIsNoStatusAndNoJsonBecomesAnErrorThatPeopleCanRead() {
        lists.add(answer(502, "<html>bad gateway</html>"));
        ExecutionException refused = assertThrows(ExecutionException.class, () -> client.get("/items").get(5, TimeUnit.SECONDS));
        assertEquals("HTTP 502", refused.getCause().getMessage());
        lists.add(answer(200, "<html>login</html>"));
        ExecutionException odd = assertThrows(ExecutionException.class, () -> client.get("/items").get(5, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, odd.getCause());
    }

    @Test
    void requestsWaitForTheirTurnAndTooManyFailAtOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 5; i++) {
            lists.add(exchange -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                go.await();
                running.decrementAndGet();
                answer(200, "{}").to(exchange);
            });
        }
        List<CompletableFuture<JsonObject>> accepted = IntStream.range(0, 5).mapToObj(i -> client.get("/items")).toList();
        ExecutionException tooMany = assertThrows(ExecutionException.class, () -> client.get("/items").get(1, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, tooMany.getCause());
        go.countDown();
        CompletableFuture.allOf(accepted.toArray(CompletableFuture[]::new)).get(5, TimeUnit.SECONDS);
        assertTrue(most.get() <= 2, most + " at a time");
    }

    @Test
    void aListOfSeveralPagesIsFollowedAndResumedAtTheLastBookmark() throws Exception {
        lists.add(answer(200, list("10", "a/b=c+d", item("a", "1"), item("b", "2"))));
        lists.add(answer(200, list("10", "", item("c", "3"))));
        watches.add(events(false, event("MODIFIED", "a", "11"), "{'type':'BOOKMARK','object':{'kind':'Thing','metadata':{'resourceVersion':'17'}}}"));
        watches.add(events(true, event("DELETED", "b", "18"), event("ADDED", "d", "19")));
        Log log = new Log();
        try (ObjectCache<String> cache = follow(log)) {
            cache.synced().get(5, TimeUnit.SECONDS);
            Await.until("all events", () -> log.lines.size() == 6);
            assertEquals(List.of("~a11", "-b18", "+d19"), log.lines.subList(3, 6));
            assertTrue(queries.get(1).contains("continue=a/b=c+d"), queries.get(1));
            assertTrue(queries.stream().allMatch(q -> q.contains("labelSelector=a=b")));
            assertTrue(queries.get(3).contains("resourceVersion=17"), queries.get(3));
        }
    }

    @Test
    void anExpiredVersionLeadsToANewListThatTellsWhatIsGoneChangedAndRecreated() throws Exception {
        lists.add(answer(200, list("10", "", item("same", "1"), item("gone", "2"), item("new", "3"), item("again", "4"))));
        watches.add(events(false, "{'type':'ERROR','object':{'kind':'Status','code':410,'message':'too old'}}"));
        lists.add(answer(200, list("20", "", item("same", "1"), item("new", "13"),
                "{'metadata':{'name':'again','uid':'other','resourceVersion':'14'}}", item("more", "15"))));
        watches.add(events(true));
        Log log = new Log();
        try (ObjectCache<String> cache = follow(log)) {
            Await.until("differences", () -> log.lines.size() == 9);
            assertEquals(List.of("+again14", "+more15", "-again4", "-gone2", "~new13"), log.lines.subList(4, 9).stream().sorted().toList());
            assertTrue(log.lines.indexOf("-again4") < log.lines.indexOf("+again14"));
            assertEquals(4, cache.all().size());
        }
    }

    @Test
    void aListThatBreaksOffHalfWayChangesNothing() throws Exception {
        lists.add(answer(200, list("10", "", item("a", "1"))));
        watches.add(events(false, "{'type':'ERROR','object':{'code':410}}"));
        lists.add(answer(200, list("20", "more", item("b", "2"))));
        lists.add(answer(410, "{\"kind\":\"Status\",\"code\":410,\"message\":\"continue token expired\"}"));
        lists.add(answer(200, list("30", "", item("a", "1"), item("b", "2"))));
        watches.add(events(true));
        Log log = new Log();
        try (ObjectCache<String> cache = follow(log)) {
            Await.until("second list", () -> log.lines.size() == 2);
            assertEquals(List.of("+a1", "+b2"), log.lines);
            assertEquals(2, cache.all().size());
        }
    }

    @Test
    void aWatchThatHasGoneSilentIsGivenUpAndRubbishInItIsSurvived() throws Exception {
        lists.add(answer(200, list("10", "", item("a", "1"))));
        watches.add(events(true));
        lists.add(answer(200, list("11", "", item("a", "2"))));
        watches.add(events(false, "this is not JSON"));
        lists.add(answer(200, list("12", "", item("a", "3"))));
        watches.add(events(false, "{'type':'ADDED'}"));
        lists.add(answer(200, list("13", "", item("a", "4"))));
        watches.add(answer(500, "broken"));
        lists.add(answer(200, list("14", "", item("a", "5"))));
        watches.add(events(true, event("MODIFIED", "a", "15")));
        Log log = new Log();
        try (ObjectCache<String> cache = follow(log)) {
            Await.until("alive at the end", () -> cache.get("", "a").orElse("").equals("a15"));
            assertEquals(List.of("+a1", "~a2", "~a3", "~a4", "~a5", "~a15"), log.lines);
        }
    }

    @Test
    void pausesGrowAndAreBoundedAndDiffer() {
        assertTrue(CollectionFollower.pauseMillis(1, 15_000) <= 100);
        assertTrue(IntStream.range(0, 100).allMatch(i -> {
            long pause = CollectionFollower.pauseMillis(60, 15_000);
            return pause >= 7_500 && pause <= 15_000;
        }));
        assertEquals(1000, KubeClient.retryAfterMillis(null));
        assertEquals(1000, KubeClient.retryAfterMillis("Wed, 21 Oct 2026 07:28:00 GMT"));
        assertEquals(30_000, KubeClient.retryAfterMillis("999999"));
    }

    @Test
    void aListIsReadItemByItemAndBuiltInItemsGetTheirKind() throws Exception {
        List<String> kinds = new CopyOnWriteArrayList<>();
        ListPage page = ListPage.read("""
                {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","remainingItemCount":3,"continue":"c"},
                 "extra":[1,{}],"items":[{"metadata":{}},{"kind":"Own","apiVersion":"x/v1","metadata":{}}]}"""
                .getBytes(StandardCharsets.UTF_8), item -> kinds.add(item.get("kind").getAsString() + " " + item.get("apiVersion").getAsString()));
        assertEquals(new ListPage("7", "c"), page);
        assertEquals(List.of("Pod v1", "Own x/v1"), kinds);
        assertThrows(IOException.class, () -> ListPage.read("[]".getBytes(StandardCharsets.UTF_8), item -> { }));
        assertThrows(IOException.class, () -> ListPage.read("{\"items\":[3]}".getBytes(StandardCharsets.UTF_8), item -> { }));
        assertEquals("", ListPage.read("{\"items\":null}".getBytes(StandardCharsets.UTF_8), item -> { }).resourceVersion());
    }
}
