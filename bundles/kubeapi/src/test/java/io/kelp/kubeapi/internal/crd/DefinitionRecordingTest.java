package io.kelp.kubeapi.internal.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Recording;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random schemas with mistakes: what a real kube-apiserver said about them has to be said here, too. */
class DefinitionRecordingTest {

    @Test
    void refusesTheSameSchemasForTheSameReasons() throws IOException, ApiException {
        List<String> different = new ArrayList<>();
        List<JsonObject> cases = Recording.read("definitions.json.gz");
        for (JsonObject one : cases) {
            JsonObject definition = DefinitionCodec.normalize(Definitions.of("things.example.com", one.getAsJsonObject("schema")));
            List<String> ours = Recording.ours(new SchemaCheck(new StructuralRules()).check(Definitions.schema(definition),
                    "spec.validation.openAPIV3Schema"));
            List<String> real = Recording.recorded(one.getAsJsonArray("errors"));
            if (!real.equals(ours)) {
                List<String> missing = new ArrayList<>(real);
                missing.removeAll(ours);
                List<String> more = new ArrayList<>(ours);
                more.removeAll(real);
                different.add(one.get("schema") + "\n  only real " + missing + "\n  only ours " + more);
            }
        }
        assertTrue(cases.size() > 500, "The recording is there");
        assertEquals("", String.join("\n\n", different), different.size() + " of " + cases.size() + " differ");
    }
}
