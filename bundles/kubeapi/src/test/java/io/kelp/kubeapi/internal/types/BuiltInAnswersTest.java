package io.kelp.kubeapi.internal.types;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import io.kelp.kubeapi.internal.resource.Column;
import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Puts what was put to a real kube-apiserver to the rules; {@code src/test/recording/record.py} says how the answers were got. */
class BuiltInAnswersTest {

    private static final AdmissionContext CONTEXT = new AdmissionContext() {
        @Override
        public User user() {
            return User.of("somebody");
        }

        @Override
        public String now() {
            return "2026-01-01T00:00:00Z";
        }

        @Override
        public Optional<JsonObject> object(String collection, String namespace, String name) {
            return collection.equals("/serviceaccounts") && name.equals("default") ? Optional.of(new JsonObject()) : Optional.empty();
        }
    };

    private final List<ResourceType> types = BuiltInTypes.all();

    @TestFactory
    Stream<DynamicTest> answersAsTheOriginalDoes() throws IOException {
        try (Reader in = new InputStreamReader(BuiltInAnswersTest.class.getResourceAsStream("answers.json"), StandardCharsets.UTF_8)) {
            List<DynamicTest> tests = new ArrayList<>();
            int number = 0;
            for (JsonElement element : JsonParser.parseReader(in).getAsJsonArray()) {
                JsonObject recorded = element.getAsJsonObject();
                String name = number++ + " " + shortened(recorded.get("path").getAsString().replaceAll(".*/", "") + " " + recorded.get("body"))
                        + (recorded.has("update") ? " then " + shortened(recorded.get("update").toString()) : "");
                tests.add(DynamicTest.dynamicTest(name, () -> replay(recorded)));
            }
            return tests.stream();
        }
    }

    private void replay(JsonObject recorded) {
        String path = recorded.get("path").getAsString();
        ResourceType type = types.stream().filter(t -> t.plural().equals(path.replaceAll(".*/", ""))).findFirst().orElseThrow();
        ResourceRules rules = type.rules();
        JsonObject created = null;
        JsonObject answer;
        try {
            JsonObject object = rules.normalize(recorded.getAsJsonObject("body"));
            object.addProperty("kind", type.kind());
            object.addProperty("apiVersion", type.apiVersion());
            if (type.namespaced()) {
                object.getAsJsonObject("metadata").addProperty("namespace", "default");
            }
            rules.setDefaults(object);
            rules.prepareForCreate(object, CONTEXT);
            List<FieldError> errors = rules.validate(object);
            if (!errors.isEmpty()) {
                throw ApiException.invalid(type.group(), type.kind(), object.getAsJsonObject("metadata").get("name").getAsString(), errors);
            }
            created = rules.normalize(object);
            assertEquals(warnings(recorded), rules.warnings(object, true).stream().sorted().toList());
            if (rules.countsGeneration()) {
                created.getAsJsonObject("metadata").addProperty("generation", 1);
            }
            answer = created;
        } catch (ApiException e) {
            answer = e.toStatus();
        }
        compare(recorded.getAsJsonObject("answer"), answer);
        if (recorded.has("update") && created != null) {
            JsonObject updated = update(type, created, recorded);
            compare(recorded.getAsJsonObject("updateAnswer"), updated);
            created = updated.has("code") ? created : updated;
        }
        if (recorded.has("table")) {
            compareTable(type.columns(), created, recorded.getAsJsonObject("table"));
        }
    }

    private static List<String> warnings(JsonObject recorded) {
        List<String> texts = new ArrayList<>();
        Tree.texts(recorded, "warnings").forEach(header -> texts.add(header.substring("299 - \"".length(), header.length() - 1).replace("\\\"", "\"")));
        texts.removeIf(text -> text.startsWith("unknown field")); // not the business of the rules
        texts.sort(null);
        return texts;
    }

    private static void compareTable(List<Column> columns, JsonObject object, JsonObject table) {
        JsonArray definitions = new JsonArray();
        JsonArray cells = new JsonArray();
        for (Column column : columns) {
            JsonArray definition = new JsonArray();
            definition.add(column.name());
            definition.add(column.type());
            definition.add(column.format());
            definition.add(column.priority());
            definitions.add(definition);
            boolean age = column.name().equals("Age") || column.name().equals("Created At");
            cells.add(age ? new JsonPrimitive("") : column.cell().apply(object));
        }
        assertEquals(table.get("columns").toString(), definitions.toString());
        assertEquals(table.get("cells").toString().replaceAll("\"[0-9]+[ydhms0-9]+\"", "\"AGE\""), cells.toString().replaceAll("[0-9ydhms]+ ago", "N ago").replaceAll("\"[0-9]+[ydhms0-9]+\"", "\"AGE\""));
    }

    private static JsonObject update(ResourceType type, JsonObject old, JsonObject recorded) {
        ResourceRules rules = type.rules();
        String subresource = recorded.has("subresource") ? recorded.get("subresource").getAsString() : "";
        try {
            JsonObject object = rules.normalize(merge(old.deepCopy(), recorded.getAsJsonObject("update")));
            rules.setDefaults(object);
            rules.prepareForUpdate(object, old, subresource);
            List<FieldError> errors = new ArrayList<>(rules.validateUpdate(object, old, subresource));
            if (!subresource.equals("status")) {
                object.getAsJsonObject("metadata").addProperty("resourceVersion", "1");
                errors.addAll(rules.validate(object));
                object.getAsJsonObject("metadata").remove("resourceVersion");
            }
            if (!errors.isEmpty()) {
                throw ApiException.invalid(type.group(), type.kind(), old.getAsJsonObject("metadata").get("name").getAsString(), errors);
            }
            JsonObject done = rules.normalize(object);
            if (rules.countsGeneration() && !Tree.object(done, "spec").equals(Tree.object(old, "spec"))) {
                done.getAsJsonObject("metadata").addProperty("generation", 2);
            }
            return done;
        } catch (ApiException e) {
            return e.toStatus();
        }
    }

    private static void compare(JsonObject expected, JsonObject actual) {
        assertEquals(canonical(expected), canonical(actual));
    }

    /** Causes are compared without order, since an API server goes through maps in any order; times are taken out. */
    static String canonical(JsonObject answer) {
        JsonObject copy = JsonParser.parseString(answer.toString().replaceAll("kube-api-access-[a-z0-9]{5}", "kube-api-access-xxxxx")
                .replaceAll("\"lastTransitionTime\":\"[^\"]*\"", "\"lastTransitionTime\":\"then\"")).getAsJsonObject();
        if (copy.has("details") && Tree.has(copy, "details", "causes")) {
            List<String> causes = new ArrayList<>();
            Tree.objects(copy, "details", "causes").forEach(cause -> causes.add(cause.get("field").getAsString() + ": " + cause.get("message").getAsString().split("\n")[0]
                    + " (" + cause.get("reason").getAsString() + ")"));
            causes.sort(null);
            return Tree.text(copy, "details", "kind") + " " + Tree.text(copy, "details", "name") + " " + Tree.text(copy, "details", "group") + "\n" + String.join("\n", causes);
        }
        if (copy.has("message") && copy.has("code")) {
            return copy.get("code") + " " + copy.get("reason") + " " + copy.get("message").getAsString();
        }
        return sorted(copy).toString();
    }

    private static JsonElement sorted(JsonElement element) {
        if (element.isJsonArray()) {
            JsonArray array = new JsonArray();
            element.getAsJsonArray().forEach(member -> array.add(sorted(member)));
            return array;
        }
        if (!element.isJsonObject()) {
            return element;
        }
        JsonObject object = new JsonObject();
        element.getAsJsonObject().keySet().stream().sorted().forEach(name -> object.add(name, sorted(element.getAsJsonObject().get(name))));
        return object;
    }

    private static JsonObject merge(JsonObject target, JsonObject patch) {
        patch.entrySet().forEach(member -> {
            if (member.getValue().isJsonNull()) {
                target.remove(member.getKey());
            } else if (member.getValue().isJsonObject()) {
                JsonObject inner = target.get(member.getKey()) instanceof JsonObject there ? there : new JsonObject();
                target.add(member.getKey(), merge(inner, member.getValue().getAsJsonObject()));
            } else {
                target.add(member.getKey(), member.getValue());
            }
        });
        return target;
    }

    static String shortened(String text) {
        return text.length() > 150 ? text.substring(0, 150) : text;
    }
}
