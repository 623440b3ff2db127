package io.kelp.itests.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.kelp.testkit.Await;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients that work at the same time may rely on, asked of both servers: what holds for the real one must hold for ours. */
@Tag("slow")
@ExtendWith(Sides.class)
class ConcurrencyTest {

    private static final int WRITERS = 8;
    private static final int WRITES_EACH = 40;

    private final Sides.Pair sides;

    ConcurrencyTest(Sides.Pair sides) {
        this.sides = sides;
    }

    @TestFactory
    Stream<DynamicTest> holdsOnBoth() {
        Map<String, Consumer<Place>> claims = new TreeMap<>();
        claims.put("a watch shows each write once and in order", ConcurrencyTest::watchUnderWrites);
        claims.put("of 50 writers with one version one wins", ConcurrencyTest::oneOfManyWins);
        claims.put("retries on conflict lose no write", ConcurrencyTest::retriesLoseNothing);
        claims.put("pages are of one moment", ConcurrencyTest::pagesAreOfOneMoment);
        claims.put("of 20 creators of one name one wins", ConcurrencyTest::oneCreates);
        claims.put("background deletion takes what is owned", place -> deletion(place, "Background"));
        claims.put("foreground deletion takes what is owned first", place -> deletion(place, "Foreground"));
        claims.put("orphans stay without their owner", place -> deletion(place, "Orphan"));
        claims.put("what has an owner that never was is collected", ConcurrencyTest::absentOwner);
        return claims.entrySet().stream().flatMap(claim -> sides.both().stream().distinct()
                .map(side -> DynamicTest.dynamicTest(claim.getKey() + ", " + side.name(), () -> inPlace(side, claim.getValue()))));
    }

    /** A namespace on one side. */
    private record Place(Side side, String namespace) {

        String path(String... more) {
            return "/api/v1/namespaces/" + namespace + "/configmaps" + String.join("", more);
        }

        JsonObject create(String name, String... labels) {
            return side.post(path(), object(name, labels)).orFail();
        }
    }

    private static void inPlace(Side side, Consumer<Place> claim) {
        String name = "many-" + Long.toString(new Random().nextLong(1L << 40), 36);
        JsonObject namespace = new JsonObject();
        namespace.add("metadata", single("name", name));
        side.post("/api/v1/namespaces", namespace).orFail();
        Place place = new Place(side, name);
        Await.until("root CA in " + name, Duration.ofSeconds(30), () -> side.get(place.path("/kube-root-ca.crt")).code() == 200);
        try {
            claim.accept(place);
        } finally {
            side.delete("/api/v1/namespaces/" + name);
        }
    }

    private static void watchUnderWrites(Place place) {
        ConcurrentLinkedQueue<JsonObject> events = new ConcurrentLinkedQueue<>();
        String from = place.side().get(place.path()).orFail().getAsJsonObject("metadata").get("resourceVersion").getAsString();
        try (Watching watching = Watching.start(place, "?watch=true&allowWatchBookmarks=true&timeoutSeconds=60&resourceVersion=" + from, events)) {
            List<Callable<Void>> writers = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                int number = w;
                writers.add(() -> {
                    for (int i = 0; i < WRITES_EACH; i++) {
                        String name = "w" + number + "-" + i % 5;
                        Side.Answer answer = i % 5 == 4 && i > 5 ? place.side().delete(place.path("/w" + number + "-" + (i - 2) % 5))
                                : place.side().ask("PATCH", place.path("/", name, "?fieldManager=w&force=true"), "application/apply-patch+yaml",
                                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"n\":\"" + i + "\"}}");
                        assertTrue(answer.code() < 300 || answer.code() == 404, answer.text());
                    }
                    return null;
                });
            }
            together(writers);
            JsonObject end = place.create("end");
            Await.until("the last write is seen", Duration.ofSeconds(30),
                    () -> events.stream().anyMatch(e -> name(e).equals("end") && version(e) == version(end)));
            watching.end();
        }
        long last = Long.parseLong(from);
        Map<String, Long> seen = new HashMap<>();
        for (JsonObject event : events) {
            String type = event.get("type").getAsString();
            if (type.equals("BOOKMARK")) {
                continue;
            }
            assertTrue(version(event) > last, "not in order, or twice: " + event + " after " + last);
            last = version(event);
            boolean there = seen.containsKey(name(event));
            assertEquals(there ? type.equals("ADDED") ? "no second ADDED" : type : "ADDED", type, "wrong kind of event: " + event);
            if (type.equals("DELETED")) {
                seen.remove(name(event));
            } else {
                seen.put(name(event), version(event));
            }
        }
        Map<String, Long> state = new HashMap<>();
        for (JsonElement item : place.side().get(place.path()).orFail().getAsJsonArray("items")) {
            JsonObject metadata = item.getAsJsonObject().getAsJsonObject("metadata");
            state.put(metadata.get("name").getAsString(), metadata.get("resourceVersion").getAsLong());
        }
        state.remove("kube-root-ca.crt");
        assertEquals(state, seen, "what the events add up to");
    }

    private static void oneOfManyWins(Place place) {
        JsonObject first = place.create("contended");
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            JsonObject changed = first.deepCopy();
            changed.add("data", single("winner", "w" + i));
            writers.add(() -> {
                Side.Answer answer = place.side().put(place.path("/contended"), changed);
                if (answer.code() == 409) {
                    assertEquals("Operation cannot be fulfilled on configmaps \"contended\": the object has been modified; please apply your changes to the latest version and try again",
                            answer.json().get("message").getAsString());
                    assertEquals("Conflict", answer.json().get("reason").getAsString());
                }
                return answer.code();
            });
        }
        List<Integer> codes = together(writers);
        assertEquals(1, codes.stream().filter(c -> c == 200).count(), codes.toString());
        assertEquals(49, codes.stream().filter(c -> c == 409).count(), codes.toString());
    }

    private static void retriesLoseNothing(Place place) {
        place.create("counter");
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            String key = "w" + w;
            writers.add(() -> {
                int conflicts = 0;
                for (int i = 1; i <= 10;) {
                    JsonObject object = place.side().get(place.path("/counter")).orFail();
                    if (!object.has("data")) {
                        object.add("data", new JsonObject());
                    }
                    object.getAsJsonObject("data").addProperty(key, "" + i);
                    Side.Answer answer = place.side().put(place.path("/counter"), object);
                    assertTrue(answer.code() == 200 || answer.code() == 409, answer.text());
                    if (answer.code() == 200) {
                        i++;
                    } else {
                        conflicts++;
                    }
                }
                return conflicts;
            });
        }
        together(writers);
        JsonObject data = place.side().get(place.path("/counter")).orFail().getAsJsonObject("data");
        assertEquals(WRITERS, data.size());
        data.entrySet().forEach(e -> assertEquals("10", e.getValue().getAsString(), data.toString()));
    }

    private static void pagesAreOfOneMoment(Place place) {
        List<Callable<Void>> creators = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            int from = w * 125;
            creators.add(() -> {
                for (int i = from; i < from + 125; i++) {
                    place.create("p%04d".formatted(i), "set", "paged");
                }
                return null;
            });
        }
        together(creators);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing = writer.submit(() -> {
                for (int i = 0; !over.get(); i++) {
                    place.side().delete(place.path("/p%04d".formatted(i * 7 % 1000)));
                    place.side().post(place.path(), object("q" + i, "set", "paged"));
                }
            });
            TreeSet<String> names = new TreeSet<>();
            TreeSet<String> versions = new TreeSet<>();
            String next = "";
            int pages = 0;
            do {
                JsonObject page = place.side().get(place.path("?limit=90&labelSelector=set%3Dpaged" + (next.isEmpty() ? "" : "&continue=" + encoded(next)))).orFail();
                page.getAsJsonArray("items").forEach(i -> assertTrue(names.add(i.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString()), "twice: " + i));
                JsonObject metadata = page.getAsJsonObject("metadata");
                versions.add(metadata.get("resourceVersion").getAsString());
                next = metadata.has("continue") ? metadata.get("continue").getAsString() : "";
                pages++;
            } while (!next.isEmpty());
            over.set(true);
            writing.get(30, TimeUnit.SECONDS);
            assertEquals(1, versions.size(), "all pages are of one version: " + versions);
            assertTrue(pages >= 11, pages + " pages");
            JsonObject moment = place.side().get(place.path("?labelSelector=set%3Dpaged&resourceVersionMatch=Exact&resourceVersion=" + versions.first())).orFail();
            TreeSet<String> expected = new TreeSet<>();
            moment.getAsJsonArray("items").forEach(i -> expected.add(i.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString()));
            assertEquals(expected, names);
            place.side().delete(place.path("?labelSelector=set%3Dpaged")).orFail();
            assertEquals(0, place.side().get(place.path("?labelSelector=set%3Dpaged")).orFail().getAsJsonArray("items").size());
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the writer failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            over.set(true);
            writer.shutdownNow();
        }
    }

    private static void oneCreates(Place place) {
        List<Callable<Integer>> creators = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            creators.add(() -> place.side().post(place.path(), object("single")).code());
        }
        List<Integer> codes = together(creators);
        assertEquals(1, codes.stream().filter(c -> c == 201).count(), codes.toString());
        assertEquals(19, codes.stream().filter(c -> c == 409).count(), codes.toString());
    }

    private static void deletion(Place place, String policy) {
        JsonObject owner = place.create("owner");
        JsonObject owned = object("owned");
        JsonObject reference = single("apiVersion", "v1");
        reference.addProperty("kind", "ConfigMap");
        reference.addProperty("name", "owner");
        reference.add("uid", owner.getAsJsonObject("metadata").get("uid"));
        reference.addProperty("blockOwnerDeletion", true);
        JsonArray references = new JsonArray();
        references.add(reference);
        owned.getAsJsonObject("metadata").add("ownerReferences", references);
        if (policy.equals("Foreground")) {
            JsonArray finalizers = new JsonArray();
            finalizers.add("example.com/hold");
            owned.getAsJsonObject("metadata").add("finalizers", finalizers);
        }
        place.side().post(place.path(), owned).orFail();
        JsonObject options = single("propagationPolicy", policy);
        Side.Answer deleted = place.side().ask("DELETE", place.path("/owner"), "application/json", options.toString());
        assertEquals(200, deleted.code(), deleted.text());
        if (policy.equals("Foreground")) {
            assertEquals("[\"foregroundDeletion\"]", deleted.json().getAsJsonObject("metadata").get("finalizers").toString());
            Await.until("the owned one is being deleted", Duration.ofSeconds(60),
                    () -> place.side().get(place.path("/owned")).orFail().getAsJsonObject("metadata").has("deletionTimestamp"));
            assertEquals(200, place.side().get(place.path("/owner")).code(), "the owner waits for what it owns");
            place.side().ask("PATCH", place.path("/owned"), "application/merge-patch+json", "{\"metadata\":{\"finalizers\":null}}").orFail();
        }
        Await.until("the owner is gone", Duration.ofSeconds(60), () -> place.side().get(place.path("/owner")).code() == 404);
        if (policy.equals("Orphan")) {
            JsonObject left = place.side().get(place.path("/owned")).orFail();
            assertTrue(!left.getAsJsonObject("metadata").has("ownerReferences") && !left.getAsJsonObject("metadata").has("deletionTimestamp"), left.toString());
        } else {
            Await.until("the owned one is gone", Duration.ofSeconds(60), () -> place.side().get(place.path("/owned")).code() == 404);
        }
    }

    private static void absentOwner(Place place) {
        JsonObject owned = object("stray");
        JsonObject reference = single("apiVersion", "v1");
        reference.addProperty("kind", "ConfigMap");
        reference.addProperty("name", "never");
        reference.addProperty("uid", "00000000-1111-2222-3333-444444444444");
        JsonArray references = new JsonArray();
        references.add(reference);
        owned.getAsJsonObject("metadata").add("ownerReferences", references);
        place.side().post(place.path(), owned).orFail();
        Await.until("it is collected", Duration.ofSeconds(60), () -> place.side().get(place.path("/stray")).code() == 404);
    }

    /** A watch whose events are put into a queue. */
    private record Watching(AsyncBody body) implements AutoCloseable {

        static Watching start(Place place, String query, ConcurrentLinkedQueue<JsonObject> into) {
            StringBuilder rest = new StringBuilder();
            try {
                HttpResponse<AsyncBody> response = place.side().client().getHttpClient().consumeBytes(place.side().client().getHttpClient().newHttpRequestBuilder()
                        .uri(place.side().server() + place.path(query)).build(), (buffers, body) -> {
                            buffers.forEach(buffer -> rest.append(StandardCharsets.ISO_8859_1.decode(buffer)));
                            int end;
                            while ((end = rest.indexOf("\n")) >= 0) {
                                into.add(JsonParser.parseString(rest.substring(0, end)).getAsJsonObject());
                                rest.delete(0, end + 1);
                            }
                            body.consume();
                        }).get(30, TimeUnit.SECONDS);
                assertEquals(200, response.code());
                response.body().consume();
                return new Watching(response.body());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("the watch does not begin", e);
            }
        }

        void end() {
            body.cancel();
        }

        @Override
        public void close() {
            body.cancel();
        }
    }

    private static <T> List<T> together(List<Callable<T>> tasks) {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(tasks, 90, TimeUnit.SECONDS)) {
                results.add(each.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().toString(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static String name(JsonObject event) {
        return event.getAsJsonObject("object").getAsJsonObject("metadata").get("name").getAsString();
    }

    private static long version(JsonObject eventOrObject) {
        JsonObject object = eventOrObject.has("object") ? eventOrObject.getAsJsonObject("object") : eventOrObject;
        return object.getAsJsonObject("metadata").get("resourceVersion").getAsLong();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonObject object(String name, String... labels) {
        JsonObject metadata = single("name", name);
        JsonObject all = new JsonObject();
        for (int i = 0; i < labels.length; i += 2) {
            all.addProperty(labels[i], labels[i + 1]);
        }
        metadata.add("labels", all);
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", "v1");
        object.addProperty("kind", "ConfigMap");
        object.add("metadata", metadata);
        return object;
    }

    private static JsonObject single(String name, String value) {
        JsonObject object = new JsonObject();
        object.addProperty(name, value);
        return object;
    }
}
