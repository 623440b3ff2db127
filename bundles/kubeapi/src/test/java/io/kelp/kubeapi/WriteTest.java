package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WriteTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static TestApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new TestApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static JsonObject create(String name, String metadata) {
        RecordedResponse made = api.ask("POST", MAPS, "{\"metadata\":{\"name\":\"" + name + "\"" + metadata + "},\"data\":{\"n\":\"0\"}}");
        assertEquals(201, made.status(), made.text());
        return made.json();
    }

    private static String version(JsonObject object) {
        return object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
    }

    @Test
    void anUpdateOnAnOldVersionIsAConflict() {
        JsonObject first = create("stale", "");
        first.getAsJsonObject("data").addProperty("n", "1");
        assertEquals(200, api.ask("PUT", MAPS + "/stale", first.toString()).status());
        RecordedResponse conflict = api.ask("PUT", MAPS + "/stale", first.toString());
        assertEquals(409, conflict.status());
        assertEquals("Operation cannot be fulfilled on configmaps \"stale\": the object has been modified; please apply your changes to the latest version and try again",
                conflict.json().get("message").getAsString());
    }

    @Test
    void anUpdateThatChangesNothingKeepsTheVersion() {
        JsonObject first = create("same", "");
        RecordedResponse again = api.ask("PUT", MAPS + "/same", first.toString());
        assertEquals(200, again.status());
        assertEquals(version(first), version(again.json()));
        assertEquals(version(first), version(api.ask("PATCH", MAPS + "/same", "{}").json()));
    }

    @Test
    void applyTakesQuantitiesAsNumbersAndNothingElse() {
        String pod = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"q\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\","
                + "\"resources\":{\"requests\":{\"cpu\":%s,\"memory\":1000000}}}]}}";
        String path = "/api/v1/namespaces/default/pods/q?fieldManager=m";
        RecordedResponse applied = api.ask("PATCH", path, pod.formatted("1"), "content-type", "application/apply-patch+yaml");
        assertEquals(201, applied.status(), applied.text());
        assertTrue(applied.text().contains("\"requests\":{\"cpu\":\"1\",\"memory\":\"1M\"}"), applied.text());
        RecordedResponse refused = api.ask("PATCH", path, pod.formatted("true"), "content-type", "application/apply-patch+yaml");
        assertEquals(500, refused.status());
        assertEquals("failed to convert new object (default/q; /v1, Kind=Pod) to proper version: unable to convert unstructured object to /v1, Kind=Pod: "
                + "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", refused.json().get("message").getAsString());
    }

    @Test
    void aDeletionWithAGraceOfAgesHasADate() {
        String pods = "/api/v1/namespaces/default/pods";
        assertEquals(201, api.ask("POST", pods, "{\"metadata\":{\"name\":\"ages\"},\"spec\":{\"nodeName\":\"edge\",\"terminationGracePeriodSeconds\":"
                + Long.MAX_VALUE + ",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}").status());
        RecordedResponse marked = api.ask("DELETE", pods + "/ages", "");
        assertEquals(200, marked.status(), marked.text());
        assertEquals(3_155_760_000L, marked.json().getAsJsonObject("metadata").get("deletionGracePeriodSeconds").getAsLong());
        RecordedResponse shorter = api.ask("DELETE", pods + "/ages?gracePeriodSeconds=5", "");
        assertEquals(200, shorter.status(), shorter.text());
        assertEquals(5, shorter.json().getAsJsonObject("metadata").get("deletionGracePeriodSeconds").getAsLong());
    }

    @Test
    void aScaleNeedsANumberToShowAndOneThatCanBeMeant() {
        RecordedResponse definition = api.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                {"metadata": {"name": "bars.cmp.io"}, "spec": {"group": "cmp.io", "scope": "Namespaced", "names": {"plural": "bars", "kind": "Bar"},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object",
                "x-kubernetes-preserve-unknown-fields": true}},
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}}}]}}""");
        assertEquals(201, definition.status(), definition.text());
        String bars = "/apis/cmp.io/v1/namespaces/default/bars";
        assertEquals(201, api.ask("POST", bars, "{\"apiVersion\":\"cmp.io/v1\",\"kind\":\"Bar\",\"metadata\":{\"name\":\"b\"},\"spec\":{}}").status());
        RecordedResponse none = api.get(bars + "/b/scale");
        assertEquals(500, none.status());
        assertEquals("Internal error occurred: the spec replicas field \".spec.replicas\" does not exist", none.json().get("message").getAsString());
        assertEquals(200, api.ask("PATCH", bars + "/b/scale", "{\"spec\":{\"replicas\":5}}").status());
        RecordedResponse negative = api.ask("PATCH", bars + "/b/scale", "{\"spec\":{\"replicas\":-3}}");
        assertEquals(422, negative.status());
        assertEquals("Bar.cmp.io \"b\" is invalid: .spec.replicas: Invalid value: -3: should be a non-negative integer",
                negative.json().get("message").getAsString());
        String counted = api.ask("PATCH", bars + "/b", "{\"spec\":{\"big\":9007199254740992}}").json().getAsJsonObject("metadata").get("generation").getAsString();
        JsonObject next = api.ask("PATCH", bars + "/b", "{\"spec\":{\"big\":9007199254740993}}").json();
        assertEquals("9007199254740993", next.getAsJsonObject("spec").get("big").getAsString(), "taken for the number before");
        assertTrue(!counted.equals(next.getAsJsonObject("metadata").get("generation").getAsString()));
        assertEquals(5, api.get(bars + "/b/scale").json().getAsJsonObject("spec").get("replicas").getAsInt());
    }

    @Test
    void aDryRunChangesNothing() {
        JsonObject first = create("dry", "");
        RecordedResponse tried = api.ask("PATCH", MAPS + "/dry?dryRun=All", "{\"data\":{\"n\":\"1\"}}");
        assertEquals("1", tried.json().getAsJsonObject("data").get("n").getAsString());
        assertEquals(version(first), version(tried.json()));
        assertEquals(200, api.ask("DELETE", MAPS + "/dry?dryRun=All", "").status());
        assertEquals(first, api.get(MAPS + "/dry").json());
    }

    @Test
    void finalizersHoldAnObjectUntilTheLastIsGone() {
        create("held", ",\"finalizers\":[\"a.b/c\"]");
        RecordedResponse marked = api.ask("DELETE", MAPS + "/held", "");
        assertTrue(marked.json().getAsJsonObject("metadata").has("deletionTimestamp"), marked.text());
        String version = version(marked.json());
        assertEquals(version, version(api.ask("DELETE", MAPS + "/held", "").json()));
        RecordedResponse added = api.ask("PATCH", MAPS + "/held", "{\"metadata\":{\"finalizers\":[\"a.b/c\",\"a.b/d\"]}}");
        assertEquals(422, added.status());
        assertEquals("ConfigMap \"held\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted,"
                + " found new finalizers []string{\"a.b/d\"}", added.json().get("message").getAsString());
        assertEquals(200, api.ask("PATCH", MAPS + "/held", "{\"metadata\":{\"finalizers\":null}}").status());
        assertEquals(404, api.get(MAPS + "/held").status());
    }

    @Test
    void preconditionsOfADeletionAreChecked() {
        JsonObject made = create("guarded", "");
        assertEquals(409, api.ask("DELETE", MAPS + "/guarded", "{\"preconditions\":{\"uid\":\"x\"}}").status());
        assertEquals(409, api.ask("DELETE", MAPS + "/guarded", "{\"preconditions\":{\"resourceVersion\":\"1\"}}").status());
        RecordedResponse deleted = api.ask("DELETE", MAPS + "/guarded", "{\"preconditions\":{\"resourceVersion\":\"" + version(made) + "\"}}");
        assertEquals("Success", deleted.json().get("status").getAsString());
        assertEquals(made.getAsJsonObject("metadata").get("uid"), deleted.json().getAsJsonObject("details").get("uid"));
    }

    @Test
    void applyCreatesAndThenTellsConflicts() {
        String[] yaml = {"content-type", "application/apply-patch+yaml"};
        String body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {q: \"%s\"}\n";
        assertEquals(422, api.ask("PATCH", MAPS + "/applied", body, yaml).status());
        assertEquals(201, api.ask("PATCH", MAPS + "/applied?fieldManager=me", body.formatted("x"), yaml).status());
        RecordedResponse same = api.ask("PATCH", MAPS + "/applied?fieldManager=me", body.formatted("x"), yaml);
        assertEquals(200, same.status());
        RecordedResponse conflict = api.ask("PATCH", MAPS + "/applied?fieldManager=you", body.formatted("y"), yaml);
        assertEquals(409, conflict.status());
        assertEquals("Apply failed with 1 conflict: conflict with \"me\": .data.q", conflict.json().get("message").getAsString());
        assertEquals(200, api.ask("PATCH", MAPS + "/applied?fieldManager=you&force=true", body.formatted("y"), yaml).status());
    }

    @Test
    void kernelParametersAndSearchPathsOfAPodHaveAForm() {
        String refused = api.ask("POST", "/api/v1/namespaces/default/pods", """
                {"metadata":{"name":"p"},"spec":{"serviceAccountName":"default","containers":[{"name":"c","image":"x"}],
                "securityContext":{"sysctls":[{"name":"BAD","value":"1"},{"name":"net.a","value":"1"},{"name":"net/a","value":"2"},{"value":"3"}]},
                "dnsConfig":{"searches":["Bad_","ok.example.",".","_srv.example"]}}}""").text();
        assertTrue(refused.contains("sysctls[0].name: Invalid value: \\\"BAD\\\": must have at most 253 characters and match regex"), refused);
        assertTrue(refused.contains("sysctls[2].name: Duplicate value: \\\"net/a\\\""), refused);
        assertTrue(refused.contains("sysctls[3].name: Required value"), refused);
        assertTrue(refused.contains("dnsConfig.searches[0]: Invalid value: \\\"Bad_\\\": a lowercase RFC 1123 subdomain"), refused);
        assertFalse(refused.contains("searches[1]") || refused.contains("searches[2]") || refused.contains("searches[3]") || refused.contains("sysctls[1]"), refused);
    }

    @Test
    void anEvictedPodSaysWhyItGoes() {
        String pods = "/api/v1/namespaces/default/pods";
        assertEquals(201, api.ask("POST", pods, """
                {"metadata":{"name":"evicted"},"spec":{"nodeName":"n","serviceAccountName":"default","containers":[{"name":"c","image":"x"}]}}""").status());
        String before = api.get(pods + "/evicted").json().getAsJsonObject("metadata").get("generation").getAsString();
        assertEquals(201, api.ask("POST", pods + "/evicted/eviction", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"evicted"}}""").status());
        JsonObject pod = api.get(pods + "/evicted").json();
        assertEquals("EvictionByEvictionAPI", pod.getAsJsonObject("status").getAsJsonArray("conditions").get(0).getAsJsonObject().get("reason").getAsString());
        assertEquals(Integer.parseInt(before) + 1, pod.getAsJsonObject("metadata").get("generation").getAsInt(), "the deletion alone counts");
    }

    @Test
    void yamlQuotesWhatOthersWouldTakeForSomethingElse() {
        api.ask("POST", MAPS, """
                {"metadata":{"name":"quoted"},"data":{"a":"5","b":"no","c":"2026-01-01T00:00:00Z","d":"plain text","e":"","f":"1e3","g":"12:30:00","h":"v1.2.3"}}""");
        String yaml = api.get(MAPS + "/quoted", "accept", "application/yaml").text();
        for (String line : new String[] {"a: \"5\"", "b: \"no\"", "c: \"2026-01-01T00:00:00Z\"", "d: plain text", "e: \"\"", "f: \"1e3\"", "g: \"12:30:00\"", "h: v1.2.3"}) {
            assertTrue(yaml.contains("  " + line + "\n"), line + " in " + yaml);
        }
    }

    @Test
    void generatedNamesAreUnlikeEachOther() {
        RecordedResponse one = api.ask("POST", MAPS, "{\"metadata\":{\"generateName\":\"gen-\"}}");
        RecordedResponse two = api.ask("POST", MAPS, "{\"metadata\":{\"generateName\":\"gen-\"}}");
        String name = one.json().getAsJsonObject("metadata").get("name").getAsString();
        assertTrue(name.matches("gen-[bcdfghjklmnpqrstvwxz2456789]{5}"), name);
        assertFalse(two.text().contains(name));
    }

    @Test
    void fiftyWritersOfOneObjectAllGetThrough() throws Exception {
        create("contended", "");
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger conflicts = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 50; w++) {
            String key = "w" + w;
            writers.add(new Thread(() -> {
                if (api.ask("PATCH", MAPS + "/contended", "{\"data\":{\"" + key + "\":\"x\"}}").status() != 200) {
                    failures.incrementAndGet();
                }
                for (int attempt = 0; attempt < 10_000; attempt++) {
                    JsonObject object = api.get(MAPS + "/contended").json();
                    JsonObject data = object.getAsJsonObject("data");
                    data.addProperty("n", Integer.toString(data.get("n").getAsInt() + 1));
                    int status = api.ask("PUT", MAPS + "/contended", object.toString()).status();
                    if (status == 200) {
                        return;
                    }
                    conflicts.incrementAndGet();
                    if (status != 409) {
                        failures.incrementAndGet();
                        return;
                    }
                }
                failures.incrementAndGet();
            }));
        }
        writers.forEach(Thread::start);
        for (Thread writer : writers) {
            writer.join(30_000);
        }
        assertEquals(0, failures.get());
        JsonObject data = api.get(MAPS + "/contended").json().getAsJsonObject("data");
        assertEquals("50", data.get("n").getAsString());
        assertEquals(51, data.size());
    }
}
