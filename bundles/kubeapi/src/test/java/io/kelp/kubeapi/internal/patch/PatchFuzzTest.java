package io.kelp.kubeapi.internal.patch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceType;
import org.junit.jupiter.api.Tag;

/**
 * Whatever a client sends as patch, applies, or calls managedFields is taken or refused with an {@link ApiException}. Runs over its
 * kept corpus in every build; with {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class PatchFuzzTest {

    private static final String NOW = "2026-01-01T00:00:00Z";
    private static final String LIVE = "{\"apiVersion\":\"v1\",\"kind\":\"PodTemplate\",\"metadata\":{\"name\":\"a\",\"finalizers\":[\"a.b/c\"]},"
            + "\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"ports\":[{\"containerPort\":80}],\"env\":[{\"name\":\"x\",\"value\":\"1\"}]}],"
            + "\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}]}}}";

    private final ResourceType type = RecordedKinds.type("PodTemplate");
    private final FieldManagement fields = new FieldManager();
    private final Patches patches = new PatchEngine();

    @FuzzTest(maxDuration = "20s")
    void patchesOrRefuses(byte[] bytes) {
        JsonElement patch = json(bytes);
        JsonObject live = StrictJson.parse(LIVE).getAsJsonObject();
        if (patch != null) {
            allow(() -> patches.json(live, patch));
            allow(() -> patches.merge(live, patch));
            allow(() -> patches.strategic(live, patch, type.schema()));
        }
        if (patch instanceof JsonObject object) {
            JsonObject applied = object.deepCopy();
            applied.addProperty("apiVersion", "v1");
            applied.addProperty("kind", "PodTemplate");
            allow(() -> fields.apply(live, applied, type, "m", true, "", NOW));
            allow(() -> fields.apply(null, applied, type, "m", false, "", NOW));
            allow(() -> fields.track(live, object.deepCopy(), type, "m", "", NOW));
            allow(() -> fields.track(object, live.deepCopy(), type, "m", "", NOW));
        }
    }

    @FuzzTest(maxDuration = "20s")
    void readsManagedFieldsOrNot(byte[] bytes) {
        JsonElement managed = json(bytes);
        if (managed != null) {
            JsonObject live = StrictJson.parse(LIVE).getAsJsonObject();
            JsonObject before = live.deepCopy();
            before.getAsJsonObject("metadata").add("managedFields", managed);
            allow(() -> fields.track(live, before.deepCopy(), type, "m", "", NOW));
            allow(() -> fields.track(before, live.deepCopy(), type, "m", "", NOW));
            allow(() -> fields.apply(before, live, type, "m", false, "", NOW));
        }
    }

    private interface Step {
        void run() throws ApiException;
    }

    private static void allow(Step step) {
        try {
            step.run();
        } catch (ApiException e) {
            if (e.getMessage() == null || e.code() < 400) {
                throw new AssertionError("an answer without words", e);
            }
        }
    }

    private static JsonElement json(byte[] bytes) {
        try {
            return StrictJson.parse(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
        } catch (JsonParseException e) {
            return null; // refused before it comes here
        }
    }
}
