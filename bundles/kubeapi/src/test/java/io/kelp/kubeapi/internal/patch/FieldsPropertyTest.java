package io.kelp.kubeapi.internal.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Laws that sets of fields and applying obey, on random objects. */
class FieldsPropertyTest {

    private static final int ROUNDS = 300;

    private final ResourceType type = RecordedKinds.type("Sampler");
    private final FieldType fieldType = FieldType.of(type);
    private final Random random = new Random(34);
    private final RandomObjects objects = new RandomObjects(random);
    private final FieldManagement fields = new FieldManager();

    @Test
    void readsWhatTheRealServerWrote() throws IOException {
        int entries = 0;
        for (String line : PatchReplayTest.lines("recorded.jsonl")) {
            JsonObject answer = StrictJson.parse(line).getAsJsonObject().getAsJsonObject("answer");
            if (answer.getAsJsonObject("metadata").has("managedFields")) {
                for (JsonElement entry : answer.getAsJsonObject("metadata").getAsJsonArray("managedFields")) {
                    JsonElement written = entry.getAsJsonObject().get("fieldsV1");
                    assertEquals(written, FieldsCodec.encode(FieldsCodec.decode(written)));
                    entries++;
                }
            }
        }
        assertTrue(entries > 500, "entries: " + entries);
    }

    @Test
    void setsObeyTheLawsOfSets() throws IllegalItemException {
        for (int i = 0; i < ROUNDS; i++) {
            FieldSet a = fields();
            FieldSet b = fields();
            FieldSet c = fields();
            assertEquals(a.union(b), b.union(a));
            assertEquals(a.union(b).union(c), a.union(b.union(c)));
            assertEquals(a.intersection(b), b.intersection(a));
            assertEquals(a, a.union(a));
            assertEquals(a, a.intersection(a));
            assertTrue(a.difference(a).isEmpty());
            assertEquals(a, a.difference(b).union(a.intersection(b)));
            assertTrue(a.difference(b).intersection(b).isEmpty());
            assertEquals(a.difference(b.union(c)), a.difference(b).difference(c));
            assertEquals(paths(a).size() + paths(b).size(), paths(a.union(b)).size() + paths(a.intersection(b)).size());
            assertEquals(a, FieldsCodec.decode(FieldsCodec.encode(a)));
        }
    }

    @Test
    void applyingTwiceIsApplyingOnce() throws ApiException {
        for (int i = 0; i < ROUNDS; i++) {
            JsonObject first = fields.apply(null, object(), type, "a", false, "", "2026-01-01T00:00:00Z");
            JsonObject applied = object();
            JsonObject once = fields.apply(first, applied, type, "b", true, "", "2026-01-01T00:00:01Z");
            assertEquals(once, fields.apply(once, applied, type, "b", false, "", "2026-01-01T00:00:02Z"));
        }
    }

    @Test
    void nobodyOwnsAChangedFieldBesideWhoChangedIt() throws ApiException {
        for (int i = 0; i < ROUNDS; i++) {
            JsonObject live = fields.apply(null, object(), type, "a", false, "", "2026-01-01T00:00:00Z");
            JsonObject after = object();
            fields.track(live, after, type, "b", "", "2026-01-01T00:00:01Z");
            ManagedFields managed = ManagedFields.decode(after.getAsJsonObject("metadata").get("managedFields"));
            Comparison comparison = Comparison.of(live, after, fieldType);
            FieldSet changed = comparison.modified().union(comparison.added()).union(comparison.removed());
            Ownership other = managed.get(new Manager("a", true, "", ""));
            assertTrue(other == null || other.fields().intersection(changed).isEmpty());
        }
    }

    @Test
    void inputsStayAsTheyAre() throws ApiException {
        for (int i = 0; i < ROUNDS; i++) {
            JsonObject live = fields.apply(null, object(), type, "a", false, "", "2026-01-01T00:00:00Z");
            JsonObject applied = object();
            JsonObject liveBefore = live.deepCopy();
            JsonObject appliedBefore = applied.deepCopy();
            JsonObject result = fields.apply(live, applied, type, "b", true, "", "2026-01-01T00:00:01Z");
            result.getAsJsonObject("metadata").addProperty("name", "other");
            assertEquals(liveBefore, live);
            assertEquals(appliedBefore, applied);
        }
    }

    @Test
    void oneOfManyUpdatersIsKeptForAncientChanges() throws ApiException {
        JsonObject live = object();
        for (int i = 0; i < 15; i++) {
            JsonObject after = live.deepCopy();
            JsonObject labels = new JsonObject();
            for (int label = 0; label <= i; label++) {
                labels.addProperty("l" + label, "x");
            }
            after.getAsJsonObject("metadata").add("labels", labels);
            fields.track(i == 0 ? null : live, after, type, "m" + i, "", String.format("2026-01-01T00:00:%02dZ", i));
            live = after;
        }
        ManagedFields managed = ManagedFields.decode(live.getAsJsonObject("metadata").get("managedFields"));
        assertEquals(10, managed.entries().size());
        Ownership ancient = managed.get(new Manager("ancient-changes", false, "test.kelp.io/v1", ""));
        assertEquals("2026-01-01T00:00:05Z", ancient.time());
    }

    @Test
    void whoAppliedOnTheClientMayApplyOnTheServer() throws ApiException {
        JsonObject live = StrictJson.parse("""
                {"apiVersion":"test.kelp.io/v1","kind":"Sampler","metadata":{"name":"a","annotations":
                {"kubectl.kubernetes.io/last-applied-configuration":"{\\"spec\\":{\\"size\\":1,\\"title\\":\\"a\\"}}"}},"spec":{"size":1,"title":"b"}}
                """).getAsJsonObject();
        fields.track(null, live, type, "kubectl-client-side-apply", "", "2026-01-01T00:00:00Z");
        JsonObject size = StrictJson.parse("{\"apiVersion\":\"test.kelp.io/v1\",\"kind\":\"Sampler\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"size\":2}}")
                .getAsJsonObject();
        JsonObject merged = fields.apply(live, size, type, "kubectl", false, "", "2026-01-01T00:00:01Z");
        assertEquals(2, merged.getAsJsonObject("spec").get("size").getAsInt());
        String annotation = merged.getAsJsonObject("metadata").getAsJsonObject("annotations")
                .get("kubectl.kubernetes.io/last-applied-configuration").getAsString();
        assertEquals(size, StrictJson.parse(annotation));
        assertThrows(ApiException.class, () -> fields.apply(live, size, type, "other", false, "", "2026-01-01T00:00:01Z"));
        JsonObject title = StrictJson.parse(size.toString().replace("\"size\":2", "\"title\":\"c\"")).getAsJsonObject();
        assertThrows(ApiException.class, () -> fields.apply(live, title, type, "kubectl", false, "", "2026-01-01T00:00:01Z"));
    }

    private FieldSet fields() throws IllegalItemException {
        return OwnedFields.of(object(), fieldType);
    }

    private JsonObject object() {
        JsonObject object = objects.value(type.schema(), "", 0.6).getAsJsonObject();
        object.addProperty("apiVersion", type.apiVersion());
        object.addProperty("kind", type.kind());
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", "a");
        object.add("metadata", metadata);
        return object;
    }

    private static List<List<String>> paths(FieldSet set) {
        List<List<String>> paths = new ArrayList<>();
        set.forEach(paths::add);
        return paths;
    }
}
