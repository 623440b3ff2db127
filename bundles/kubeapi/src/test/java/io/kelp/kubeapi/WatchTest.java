package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final Duration SOON = Duration.ofSeconds(10);
    private TestApi api;

    @BeforeEach
    void start() throws Exception {
        api = new TestApi();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private long create(String name, String labels) {
        RecordedResponse made = api.ask("POST", MAPS, "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":" + labels + "}}");
        assertEquals(201, made.status(), made.text());
        return made.json().getAsJsonObject("metadata").get("resourceVersion").getAsLong();
    }

    private static String type(JsonObject event) {
        return event.get("type").getAsString();
    }

    private static JsonObject metadata(JsonObject event) {
        return event.getAsJsonObject("object").getAsJsonObject("metadata");
    }

    private static String name(JsonObject event) {
        return metadata(event).get("name").getAsString();
    }

    @Test
    void whatExistsIsToldFirstAndThenWhatHappens() throws Exception {
        create("one", "{\"app\":\"x\"}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&labelSelector=app%3Dx");
        assertEquals("one", name(watch.events(1, SOON).get(0)));
        create("two", "{\"app\":\"x\"}");
        create("other", "{\"app\":\"y\"}");
        api.ask("PATCH", MAPS + "/two", "{\"data\":{\"a\":\"b\"}}");
        api.ask("DELETE", MAPS + "/one", "");
        List<JsonObject> events = watch.events(4, SOON);
        assertEquals(List.of("ADDED one", "ADDED two", "MODIFIED two", "DELETED one"), events.stream().map(e -> type(e) + " " + name(e)).toList());
        assertTrue(metadata(events.get(3)).get("resourceVersion").getAsLong() > metadata(events.get(2)).get("resourceVersion").getAsLong());
    }

    @Test
    void anObjectThatLeavesTheSelectorIsToldAsDeletedAsItWas() throws Exception {
        long since = create("one", "{\"app\":\"x\"}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&labelSelector=app%3Dx&resourceVersion=" + since);
        RecordedResponse left = api.ask("PATCH", MAPS + "/one", "{\"metadata\":{\"labels\":{\"app\":\"y\"}}}");
        api.ask("PATCH", MAPS + "/one", "{\"metadata\":{\"labels\":{\"app\":\"x\"}}}");
        List<JsonObject> events = watch.events(2, SOON);
        assertEquals(List.of("DELETED", "ADDED"), events.stream().map(WatchTest::type).toList());
        assertEquals("x", metadata(events.get(0)).getAsJsonObject("labels").get("app").getAsString());
        assertEquals(left.json().getAsJsonObject("metadata").get("resourceVersion"), metadata(events.get(0)).get("resourceVersion"));
    }

    @Test
    void aWatchGoesOnAfterTheVersionItIsGiven() throws Exception {
        long since = create("one", "{}");
        create("two", "{}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&resourceVersion=" + since);
        assertEquals("two", name(watch.events(1, SOON).get(0)));
        create("three", "{}");
        assertEquals("three", name(watch.events(2, SOON).get(1)));
    }

    @Test
    void aVersionThatIsGoneIsToldAsAnError() throws Exception {
        long since = create("one", "{}");
        long later = create("two", "{}");
        api.store().compact(later);
        RecordedResponse watch = api.get(MAPS + "?watch=1&resourceVersion=" + (since - 1));
        JsonObject event = watch.events(1, SOON).get(0);
        assertEquals("ERROR", type(event));
        assertEquals(410, event.getAsJsonObject("object").get("code").getAsInt());
        assertEquals("Expired", event.getAsJsonObject("object").get("reason").getAsString());
        watch.closed().get(10, TimeUnit.SECONDS);
    }

    @Test
    void initialEventsEndWithABookmark() throws Exception {
        create("one", "{\"app\":\"x\"}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=app%3Dx");
        List<JsonObject> events = watch.events(2, SOON);
        assertEquals("BOOKMARK", type(events.get(1)));
        assertEquals("true", metadata(events.get(1)).getAsJsonObject("annotations").get("k8s.io/initial-events-end").getAsString());
    }

    @Test
    void aTimeoutEndsTheWatchWithABookmark() throws Exception {
        long since = create("one", "{}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=" + since);
        watch.closed().get(10, TimeUnit.SECONDS);
        assertFalse(watch.aborted());
        List<JsonObject> events = watch.events();
        assertEquals("BOOKMARK", type(events.get(events.size() - 1)));
    }

    @Test
    void tablesHaveTheirColumnsInTheFirstEventOnly() throws Exception {
        create("one", "{\"app\":\"x\"}");
        create("two", "{\"app\":\"x\"}");
        RecordedResponse watch = api.get(MAPS + "?watch=1&labelSelector=app%3Dx", "accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        create("three", "{\"app\":\"x\"}");
        List<JsonObject> events = watch.events(3, SOON);
        assertEquals(3, events.get(0).getAsJsonObject("object").getAsJsonArray("columnDefinitions").size());
        assertTrue(events.get(1).getAsJsonObject("object").get("columnDefinitions").isJsonNull());
        assertTrue(events.get(2).getAsJsonObject("object").get("columnDefinitions").isJsonNull());
    }

    @Test
    void aSlowClientMissesNothing() throws Exception {
        long since = create("first", "{}");
        RecordedResponse watch = new RecordedResponse();
        watch.hold();
        api.ask(watch, "GET", MAPS + "?watch=1&resourceVersion=" + since, "");
        for (int i = 0; i < 1500; i++) { // more than the history in memory keeps
            create("m" + i, "{}");
        }
        watch.release();
        List<JsonObject> events = watch.events(1500, SOON);
        for (int i = 0; i < 1500; i++) {
            assertEquals("m" + i, name(events.get(i)));
        }
    }

    @Test
    void manyWatchesSeeEveryChangeOnceAndInOrder() throws Exception {
        List<RecordedResponse> watches = new ArrayList<>();
        long since = create("first", "{}");
        for (int i = 0; i < 20; i++) {
            watches.add(api.get(MAPS + "?watch=1&resourceVersion=" + since));
        }
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 8; w++) {
            String prefix = "w" + w + "-";
            writers.add(new Thread(() -> {
                for (int i = 0; i < 25; i++) {
                    create(prefix + i, "{}");
                    api.ask("PATCH", MAPS + "/" + prefix + i, "{\"data\":{\"i\":\"" + i + "\"}}");
                    if (i % 2 == 0) {
                        api.ask("DELETE", MAPS + "/" + prefix + i, "");
                    }
                }
            }));
        }
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join(30_000);
        }
        int expected = 8 * (25 + 25 + 13);
        for (RecordedResponse watch : watches) {
            List<JsonObject> events = watch.events(expected, SOON);
            assertEquals(expected, events.size());
            long last = 0;
            Map<String, String> state = new HashMap<>();
            for (JsonObject event : events) {
                long revision = metadata(event).get("resourceVersion").getAsLong();
                assertTrue(revision > last, "out of order");
                last = revision;
                state.put(name(event), type(event));
            }
            assertEquals(8 * 13, state.values().stream().filter("DELETED"::equals).count());
            assertEquals(8 * 12, state.values().stream().filter("MODIFIED"::equals).count());
        }
    }
}
