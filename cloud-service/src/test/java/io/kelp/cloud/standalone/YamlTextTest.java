package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class YamlTextTest {

    private static final Gson NULLS = new GsonBuilder().serializeNulls().create();
    private static final List<String> TEXTS = List.of("", "a", "ON", "yes", "No", "y", "null", "~", "true", "1", "1e3", "0x1f", "a: b", "- a",
            "# no", "a #b", "it's", "\"", "\\", "line\nline\n", "tab\t", " lead", "trail ", "ünï", "\u2028", "\u0001", "2026-01-01", "a/b.c-d_e",
            "{", "[", "*a", "&a", "!t", "%", "@", "`", "|", ">", "a,b", "key:", "...", "---", "😀", "<>&='");

    @Test
    void readsLikeWhatPeopleWrite() {
        assertEquals("""
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: a-b
                  labels: {}
                data:
                  plain: some words
                  switch: "ON"
                  "8": "8"
                list:
                - name: one
                  more:
                  - 1
                  - null
                - []
                """, YamlText.of(JsonParser.parseString("""
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a-b","labels":{}},
                "data":{"plain":"some words","switch":"ON","8":"8"},"list":[{"name":"one","more":[1,null]},[]]}""").getAsJsonObject()));
    }

    @RepeatedTest(200)
    void anyTreeComesBackAsItWas(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        JsonObject object = new JsonObject();
        object.add("root", tree(random, 4));
        String yaml = YamlText.of(object);
        Object read = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        assertEquals(object, JsonParser.parseString(NULLS.toJson(read)), yaml);
    }

    private static JsonElement tree(Random random, int depth) {
        switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0:
                return new JsonPrimitive(TEXTS.get(random.nextInt(TEXTS.size())));
            case 1:
                return new JsonPrimitive(random.nextInt(1000) - 500);
            case 2:
                return new JsonPrimitive(random.nextBoolean());
            case 3:
                return depth == 4 ? new JsonPrimitive("x") : JsonNull.INSTANCE;
            case 4:
                JsonArray list = new JsonArray();
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(tree(random, depth - 1));
                }
                return list;
            default:
                JsonObject object = new JsonObject();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.add(TEXTS.get(random.nextInt(TEXTS.size())) + i, tree(random, depth - 1));
                }
                return object;
        }
    }
}
