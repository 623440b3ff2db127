package io.kelp.kubeapi.internal.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Schema;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Strategic merge patches with their directives, and what a real kube-apiserver v1.34 answered. */
class StrategicMergeTest {

    private final Schema schema = RecordedKinds.type("PodTemplate").schema();
    private final Patches patches = new PatchEngine();

    @TestFactory
    Stream<DynamicTest> answersAsTheRealServerDid() throws IOException {
        List<JsonObject> lines = PatchReplayTest.lines("strategic.jsonl").stream().map(line -> StrictJson.parse(line).getAsJsonObject()).toList();
        return lines.stream().map(line -> DynamicTest.dynamicTest(line.get("patch").toString(), () -> check(line)));
    }

    private void check(JsonObject line) throws ApiException {
        JsonObject live = line.getAsJsonObject("live");
        JsonObject answer = line.getAsJsonObject("answer");
        if (line.get("code").getAsInt() == 200) {
            PatchReplayTest.assertAlike(answer, patches.strategic(live, line.get("patch"), schema), "", "");
        } else if (!answer.get("message").getAsString().contains("cannot convert")) { // that is found when the result is decoded
            ApiException e = assertThrows(ApiException.class, () -> patches.strategic(live, line.get("patch"), schema));
            assertEquals(line.get("code").getAsInt(), e.code());
            assertEquals(answer.get("message").getAsString(), e.getMessage());
        }
    }
}
