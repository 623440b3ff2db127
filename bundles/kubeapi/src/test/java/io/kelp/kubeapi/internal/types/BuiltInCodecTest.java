package io.kelp.kubeapi.internal.types;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BuiltInCodecTest {

    private static final int ROUNDS = 4_000;

    private final List<ResourceType> types = BuiltInTypes.all();

    @Test
    void dropsWhatIsUnknownAndWhatIsEmpty() throws ApiException {
        assertEquals("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}", normalized("configmaps",
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','labels':{},'Uid':'x','finalizers':null},'data':{},'spec':{'a':1}}"));
    }

    @Test
    void keepsTheDigitsOfNumbers() throws ApiException {
        assertEquals("{\"metadata\":{\"generation\":9007199254740993},\"spec\":{}}", normalized("leases", "{'metadata':{'generation':9007199254740993}}"));
    }

    @Test
    void reportsTheFirstMisfitInTheOrderOfTheText() {
        ApiException e = assertThrows(ApiException.class, () -> normalized("pods", "{'spec':{'hostname':5,'containers':{}},'metadata':7}"));
        assertEquals(400, e.code());
        assertEquals("Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field PodSpec.spec.hostname of type string",
                e.getMessage());
    }

    @Test
    void isStableAndNeverBreaksOnAnything() throws IOException {
        Random random = new Random(20_260_101);
        List<JsonObject> seeds = seeds();
        for (int i = 0; i < ROUNDS; i++) {
            JsonObject mutated = seeds.get(random.nextInt(seeds.size())).deepCopy();
            for (int change = random.nextInt(4); change >= 0; change--) {
                mutate(mutated, random);
            }
            ResourceType type = types.get(random.nextInt(types.size()));
            JsonObject once;
            try {
                once = type.rules().normalize(mutated);
            } catch (ApiException e) {
                assertEquals(400, e.code());
                continue;
            }
            try {
                assertEquals(once, type.rules().normalize(once), mutated::toString);
                type.rules().setDefaults(once);
                type.rules().validate(once);
                type.rules().validateUpdate(once, once, "");
                type.rules().selectableFields(once);
                type.columns().forEach(column -> column.cell().apply(once));
            } catch (ApiException e) {
                throw new AssertionError("What was normalised must stay good: " + mutated, e);
            } catch (RuntimeException e) {
                throw new AssertionError(type.plural() + " broke on " + mutated, e);
            }
        }
    }

    private String normalized(String plural, String text) throws ApiException {
        ResourceType type = types.stream().filter(t -> t.plural().equals(plural)).findFirst().orElseThrow();
        return type.rules().normalize(JsonParser.parseString(text).getAsJsonObject()).toString();
    }

    private static List<JsonObject> seeds() throws IOException {
        try (Reader in = new InputStreamReader(BuiltInAnswersTest.class.getResourceAsStream("answers.json"), StandardCharsets.UTF_8)) {
            List<JsonObject> seeds = new ArrayList<>();
            JsonParser.parseReader(in).getAsJsonArray().forEach(recorded -> {
                seeds.add(recorded.getAsJsonObject().getAsJsonObject("body"));
                seeds.add(recorded.getAsJsonObject().getAsJsonObject("answer"));
            });
            return seeds;
        }
    }

    /** Puts something else in one place, or takes something out. */
    private static void mutate(JsonElement in, Random random) {
        if (in instanceof JsonObject object && !object.isEmpty()) {
            String name = List.copyOf(object.keySet()).get(random.nextInt(object.size()));
            if (random.nextInt(4) > 0) {
                mutate(object.get(name), random);
            } else if (random.nextInt(5) == 0) {
                object.remove(name);
            } else {
                object.add(name, anything(random));
            }
        } else if (in instanceof JsonArray array && !array.isEmpty()) {
            int place = random.nextInt(array.size());
            if (random.nextInt(4) > 0) {
                mutate(array.get(place), random);
            } else {
                array.set(place, anything(random));
            }
        }
    }

    private static JsonElement anything(Random random) {
        return switch (random.nextInt(10)) {
            case 0 -> JsonNull.INSTANCE;
            case 1 -> new JsonPrimitive(random.nextBoolean());
            case 2 -> new JsonPrimitive(new LazilyParsedNumber(Integer.toString(random.nextInt())));
            case 3 -> new JsonPrimitive(new LazilyParsedNumber("1e99"));
            case 4 -> new JsonPrimitive("");
            case 5 -> new JsonPrimitive("2024-01-01T00:00:00.123456Z");
            case 6 -> new JsonPrimitive("../" + random.nextInt());
            case 7 -> new JsonObject();
            case 8 -> new JsonArray();
            default -> {
                JsonArray array = new JsonArray();
                array.add(new JsonObject());
                array.add(JsonNull.INSTANCE);
                yield array;
            }
        };
    }
}
