package io.kelp.kubeapi.internal.protobuf;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;

/**
 * Whatever bytes come as protobuf, they are an object or are refused with a sentence. Runs over its kept corpus in every build;
 * with {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class ProtobufFuzzTest {

    private final ProtobufBody body = new ProtobufBody(text -> {
        try {
            return JsonParser.parseString(new String(text, StandardCharsets.UTF_8));
        } catch (JsonParseException e) {
            return null; // as the reader of the API server answers
        }
    });

    @FuzzTest(maxDuration = "20s")
    void readsOrRefuses(byte[] bytes) {
        try {
            JsonObject object = body.read(bytes, "v1", "Pod");
            assertFalse(object.get("kind").getAsString().isEmpty());
        } catch (MalformedProtobufException e) {
            assertFalse(e.getMessage().isEmpty());
        }
    }
}
