package io.kelp.kubeapi.internal.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random schemas and objects: what a real kube-apiserver made of them has to come out here, too. */
@Tag("slow")
class SchemaRecordingTest {

    private final StructuralRules rules = new StructuralRules();

    @Test
    void prunesDefaultsAndChecksLikeTheRealServer() throws IOException {
        List<String> different = new ArrayList<>();
        List<JsonObject> cases = Recording.read("objects.json.gz");
        for (JsonObject one : cases) {
            Schema schema = SchemaReader.read(one.getAsJsonObject("schema"));
            JsonObject object = one.getAsJsonObject("object").deepCopy();
            rules.prune(object, schema);
            rules.setDefaults(object, schema);
            List<String> errors = Recording.ours(rules.validate(object, schema));
            if (one.has("errors")) {
                compare(Recording.recorded(one.getAsJsonArray("errors")), errors, one, different);
            } else if (!errors.isEmpty() || !JsonValues.same(one.get("result"), object)) {
                different.add(one.get("schema") + "\n  " + one.get("object") + "\n  real " + one.get("result") + "\n  ours " + object + " " + errors);
            }
        }
        assertTrue(cases.size() > 1000, "The recording is there");
        assertEquals("", String.join("\n\n", different), different.size() + " of " + cases.size() + " differ");
    }

    @Test
    void findsTheSameUnknownFieldsAsTheRealServer() throws IOException {
        List<String> different = new ArrayList<>();
        for (JsonObject one : Recording.read("objects.json.gz")) {
            String unknown = String.join(", ", rules.unknownFields(one.getAsJsonObject("object"), SchemaReader.read(one.getAsJsonObject("schema")), 100));
            String real = one.has("unknown") ? one.get("unknown").getAsString() : "";
            if (!unknown.equals(real)) {
                different.add(one.get("schema") + "\n  " + one.get("object") + "\n  real " + real + "\n  ours " + unknown);
            }
        }
        assertEquals("", String.join("\n\n", different), different.size() + " differ");
    }

    private static void compare(List<String> real, List<String> ours, JsonObject one, List<String> different) {
        if (!real.equals(ours)) {
            List<String> missing = new ArrayList<>(real);
            missing.removeAll(ours);
            List<String> more = new ArrayList<>(ours);
            more.removeAll(real);
            different.add(one.get("schema") + "\n  " + one.get("object") + "\n  only real " + missing + "\n  only ours " + more);
        }
    }
}
