package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.object;
import static io.kelp.kubeapi.internal.crd.Members.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fields of custom resources that clients may select by. */
final class SelectableFields {

    private SelectableFields() {
    }

    /** What is wrong with a path, {@code null} when nothing is. */
    static String problem(String path, JsonObject schema) {
        String invalid = "is an invalid path: ";
        if (!path.startsWith(".") || path.length() < 2) {
            return invalid + "must be a simple json path starting with .";
        }
        JsonObject at = schema;
        String[] names = path.substring(1).split("\\.", -1);
        for (String name : names) {
            if (!object(at, "properties").has(name)) {
                return names[0].equals("metadata") ? "must not point to fields in metadata" : invalid + "does not refer to a valid field";
            }
            at = object(object(at, "properties"), name);
        }
        if (names[0].equals("metadata")) {
            return "must not point to fields in metadata";
        }
        return Set.of("string", "boolean", "integer").contains(text(at, "type")) ? null
                : "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
    }

    /** @param paths with a dot in front; the result has none */
    static Map<String, String> of(JsonObject object, List<String> paths) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String path : paths) {
            JsonElement value = JsonPath.plain(object, path);
            fields.put(path.substring(1), value == null || !value.isJsonPrimitive() ? "" : value.getAsString());
        }
        return fields;
    }
}
