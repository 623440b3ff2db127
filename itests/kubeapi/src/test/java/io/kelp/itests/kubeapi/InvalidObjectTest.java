package io.kelp.itests.kubeapi;


import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Objects of built-in kinds with something wrong, {@code invalid.txt}: code, reason, message and causes must be the same. */
@Tag("slow")
@ExtendWith(Sides.class)
class InvalidObjectTest {

    private static final String NAMESPACE = "default";

    private final Sides.Pair sides;
    private final Verdict verdict;

    InvalidObjectTest(Sides.Pair sides) {
        this.sides = sides;
        this.verdict = new Verdict(sides);
    }

    @TestFactory
    Stream<DynamicTest> isRefusedAlike() throws IOException {
        String text = new String(InvalidObjectTest.class.getResourceAsStream("/invalid.txt").readAllBytes(), StandardCharsets.UTF_8);
        return text.lines().filter(line -> line.startsWith("/")).map(line -> DynamicTest.dynamicTest(line, () -> ask(line)));
    }

    private void ask(String line) {
        String[] parts = line.split(" ", 2);
        String path = parts[0].replace("/N/", "/" + NAMESPACE + "/");
        JsonElement body = JsonParser.parseString(parts[1].replace("\"N\"", '"' + NAMESPACE + '"')
                .replace("LONG254", "a".repeat(254)).replace("LONG64", "a".repeat(64)));
        if (body instanceof JsonObject object && !object.has("metadata")) {
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", "compared");
            object.add("metadata", metadata);
        }
        // Nothing is kept if it should be taken; also with this the answer is what it would be without.
        List<String> answers = sides.ask(side -> {
            Side.Answer answer = side.post(path + "?dryRun=All&fieldValidation=Strict", body);
            return answer.code() + "\n" + new Normaliser(side.server(), Map.of()).answer(answer.text());
        });
        verdict.judge("invalid/" + line, answers.get(0), answers.get(1));
    }
}
