package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ListTest {

    private static final String MAPS = "/api/v1/namespaces/paged/configmaps";
    private TestApi api;

    @BeforeEach
    void start() throws Exception {
        api = new TestApi();
        api.ask("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"paged\"}}");
        // The cluster itself adds one to every namespace.
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (api.get("/api/v1/namespaces/paged/serviceaccounts/default").status() != 200 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
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

    private static List<String> names(JsonObject list) {
        List<String> names = new ArrayList<>();
        for (JsonElement item : list.getAsJsonArray("items")) {
            names.add(item.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString());
        }
        return names;
    }

    private static String metadata(JsonObject list, String field) {
        JsonElement value = list.getAsJsonObject("metadata").get(field);
        return value == null ? "" : value.getAsString();
    }

    @Test
    void aLongListInYamlIsWrittenAsJsonWithoutATreeOfIt() {
        for (int i = 0; i < 40; i++) {
            assertEquals(201, api.ask("POST", MAPS, "{\"metadata\":{\"name\":\"l" + i + "\"},\"data\":{\"a\":\"" + "x".repeat(10_000) + "\"}}").status());
        }
        RecordedResponse list = api.get(MAPS, "accept", "application/yaml");
        assertEquals(200, list.status());
        assertEquals("application/yaml", list.header("Content-Type"));
        assertTrue(names(list.json()).size() >= 40);
    }

    @Test
    void pagesAreOfOneMomentWhateverIsWrittenMeanwhile() {
        for (int i = 0; i < 10; i++) {
            create("m" + i, "{}");
        }
        JsonObject page = api.get(MAPS + "?limit=4").json();
        assertEquals(List.of("m0", "m1", "m2", "m3"), names(page));
        assertEquals("6", metadata(page, "remainingItemCount"));
        api.ask("DELETE", MAPS + "/m5", "");
        create("m35", "{}");
        List<String> seen = new ArrayList<>(names(page));
        String version = metadata(page, "resourceVersion");
        while (!metadata(page, "continue").isEmpty()) {
            page = api.get(MAPS + "?limit=4&continue=" + metadata(page, "continue")).json();
            assertEquals(version, metadata(page, "resourceVersion"));
            seen.addAll(names(page));
        }
        assertEquals(List.of("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"), seen);
        assertEquals(List.of("m0", "m1", "m2", "m3", "m35", "m4", "m6", "m7", "m8", "m9"), names(api.get(MAPS).json()));
    }

    @Test
    void aPageThatIsGoneOffersToGoOnWithWhatThereIs() {
        for (int i = 0; i < 4; i++) {
            create("m" + i, "{}");
        }
        JsonObject page = api.get(MAPS + "?limit=2").json();
        long later = create("m4", "{}");
        api.store().compact(later);
        RecordedResponse gone = api.get(MAPS + "?limit=2&continue=" + metadata(page, "continue"));
        assertEquals(410, gone.status());
        assertEquals("Expired", gone.json().get("reason").getAsString());
        JsonObject rest = api.get(MAPS + "?limit=9&continue=" + metadata(gone.json(), "continue")).json();
        assertEquals(List.of("m2", "m3", "m4"), names(rest));
    }

    @Test
    void selectorsChoose() {
        create("a", "{\"app\":\"x\",\"tier\":\"1\"}");
        create("b", "{\"app\":\"y\"}");
        create("c", "{}");
        assertEquals(List.of("a"), names(api.get(MAPS + "?labelSelector=app%3Dx").json()));
        assertEquals(List.of("b", "c"), names(api.get(MAPS + "?labelSelector=app%21%3Dx").json()));
        assertEquals(List.of("a", "b"), names(api.get(MAPS + "?labelSelector=app+in+(x,y)").json()));
        assertEquals(List.of("c"), names(api.get(MAPS + "?labelSelector=app+notin+(x,y)").json()));
        assertEquals(List.of("a"), names(api.get(MAPS + "?labelSelector=app,tier").json()));
        assertEquals(List.of("c"), names(api.get(MAPS + "?labelSelector=%21app").json()));
        assertEquals(List.of("a"), names(api.get(MAPS + "?labelSelector=tier+gt+0").json()));
        assertEquals(List.of("b"), names(api.get(MAPS + "?fieldSelector=metadata.name%3Db").json()));
        assertEquals(List.of("a", "c"), names(api.get(MAPS + "?fieldSelector=metadata.name%21%3Db").json()));
    }

    @Test
    void itemsOfBuiltInKindsDoNotRepeatTheirKind() {
        create("a", "{}");
        JsonObject item = api.get(MAPS).json().getAsJsonArray("items").get(0).getAsJsonObject();
        assertFalse(item.has("kind"));
        assertFalse(item.has("apiVersion"));
    }

    @Test
    void tablesAndMetadataAndYamlAreShownOnDemand() {
        create("a", "{}");
        JsonObject table = api.get(MAPS, "accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").json();
        assertEquals("Table", table.get("kind").getAsString());
        assertEquals("a", table.getAsJsonArray("rows").get(0).getAsJsonObject().getAsJsonArray("cells").get(0).getAsString());
        JsonObject metadata = api.get(MAPS, "accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io").json();
        assertEquals("PartialObjectMetadataList", metadata.get("kind").getAsString());
        assertTrue(api.get(MAPS, "accept", "application/yaml").text().startsWith("apiVersion: v1\nitems:\n"));
        assertTrue(api.get(MAPS + "?pretty=true").text().contains("\n    {\n      \"metadata\": {\n        \""));
        assertEquals(names(api.get(MAPS).json()), names(api.get(MAPS + "?pretty=true").json()));
        assertEquals(406, api.get(MAPS, "accept", "text/html").status());
    }

    @Test
    void aLongListIsSentAtThePaceOfItsClient() throws Exception {
        String filling = "x".repeat(10_000);
        for (int i = 0; i < 100; i++) {
            api.ask("POST", MAPS, "{\"metadata\":{\"name\":\"m" + i + "\"},\"data\":{\"x\":\"" + filling + "\"}}");
        }
        RecordedResponse slow = new RecordedResponse();
        slow.hold();
        api.ask(slow, "GET", MAPS, "");
        assertEquals(1, slow.parts());
        slow.release();
        slow.closed().get(10, TimeUnit.SECONDS);
        assertTrue(slow.parts() > 5);
        assertEquals(100, slow.json().getAsJsonArray("items").size());
    }

    @Test
    void optionsThatExcludeEachOtherAreNamed() {
        String match = api.get(MAPS + "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan").text();
        assertTrue(match.contains("resourceVersionMatch is forbidden unless resourceVersion is provided") && match.contains("sendInitialEvents is forbidden for list"), match);
        assertEquals(422, api.get(MAPS + "?watch=true&timeoutSeconds=1&continue=x").status());
        assertTrue(api.get(MAPS + "?continue=bm9uc2Vuc2U=").text().contains("illegal base64 data at input byte 11"));
        assertTrue(api.get(MAPS + "?continue=x&resourceVersion=1").text().contains("illegal base64 data at input byte 0"));
    }
}
