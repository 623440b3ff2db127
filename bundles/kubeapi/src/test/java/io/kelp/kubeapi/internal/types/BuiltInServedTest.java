package io.kelp.kubeapi.internal.types;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.RecordedResponse;
import io.kelp.kubeapi.TestApi;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The requests of {@link BuiltInAnswersTest}, but through the whole API server. */
class BuiltInServedTest {

    private static TestApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new TestApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @TestFactory
    Stream<DynamicTest> servesAsTheOriginalDoes() throws Exception {
        try (Reader in = new InputStreamReader(BuiltInServedTest.class.getResourceAsStream("answers.json"), StandardCharsets.UTF_8)) {
            List<DynamicTest> tests = new ArrayList<>();
            int number = 0;
            for (JsonElement element : JsonParser.parseReader(in).getAsJsonArray()) {
                JsonObject recorded = element.getAsJsonObject();
                String name = number++ + " " + BuiltInAnswersTest.shortened(recorded.get("path").getAsString().replaceAll(".*/", "") + " " + recorded.get("body"));
                tests.add(DynamicTest.dynamicTest(name, () -> replay(recorded)));
            }
            return tests.stream();
        }
    }

    private static void replay(JsonObject recorded) {
        String path = recorded.get("path").getAsString();
        JsonObject created = ask("POST", path, recorded.getAsJsonObject("body"), recorded.get("code").getAsInt(), recorded.getAsJsonObject("answer"));
        assertServedColumns(path, recorded);
        if (!recorded.has("updateCode")) {
            return;
        }
        String target = path + "/" + created.getAsJsonObject("metadata").get("name").getAsString()
                + (recorded.has("subresource") ? "/" + recorded.get("subresource").getAsString() : "");
        ask("PATCH", target, recorded.getAsJsonObject("update"), recorded.get("updateCode").getAsInt(), recorded.getAsJsonObject("updateAnswer"));
    }

    /** Cells are compared in {@link BuiltInAnswersTest}; here it is that they arrive. */
    private static void assertServedColumns(String path, JsonObject recorded) {
        if (recorded.has("table")) {
            JsonObject table = api.get(path + "?limit=1", "accept", "application/json;as=Table;v=v1;g=meta.k8s.io").json();
            assertEquals(Tree.objects(table, "rows").get(0).getAsJsonArray("cells").size(), recorded.getAsJsonObject("table").getAsJsonArray("cells").size());
        }
    }

    private static JsonObject ask(String method, String target, JsonObject body, int code, JsonObject expected) {
        RecordedResponse response = api.ask(method, target, body.toString());
        JsonObject answer = response.json();
        if (answer.get("metadata") instanceof JsonObject metadata) {
            List.of("uid", "resourceVersion", "creationTimestamp", "managedFields").forEach(metadata::remove);
        }
        assertEquals(BuiltInAnswersTest.canonical(expected), BuiltInAnswersTest.canonical(answer));
        assertEquals(code, response.status());
        return answer;
    }
}
