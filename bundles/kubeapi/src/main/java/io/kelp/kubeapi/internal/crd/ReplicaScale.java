package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.ScaleView;
import io.kelp.kubeapi.internal.schema.GoText;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Custom resources as {@code autoscaling/v1 Scale}.
 *
 * @param spec path of the wanted number, {@code .spec.replicas}
 * @param status path of the actual number
 * @param selector path of the label selector, empty for none
 */
record ReplicaScale(String spec, String status, String selector) implements ScaleView {

    static ReplicaScale of(JsonObject version) {
        JsonObject scale = Members.object(Members.object(version, "subresources"), "scale");
        return scale.isEmpty() ? null : new ReplicaScale(Members.text(scale, "specReplicasPath"), Members.text(scale, "statusReplicasPath"),
                Members.text(scale, "labelSelectorPath"));
    }

    @Override
    public JsonObject read(JsonObject object) {
        JsonObject scale = new JsonObject();
        scale.addProperty("kind", "Scale");
        scale.addProperty("apiVersion", "autoscaling/v1");
        JsonObject metadata = new JsonObject();
        for (String name : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            JsonElement value = Members.object(object, "metadata").get(name);
            if (value != null) {
                metadata.add(name, value);
            }
        }
        scale.add("metadata", metadata);
        JsonObject wanted = new JsonObject();
        long replicas = number(JsonPath.plain(object, spec));
        if (replicas != 0) {
            wanted.addProperty("replicas", replicas);
        }
        scale.add("spec", wanted);
        JsonObject actual = new JsonObject();
        actual.addProperty("replicas", number(JsonPath.plain(object, status)));
        JsonElement labels = selector.isEmpty() ? null : JsonPath.plain(object, selector);
        if (labels != null && labels.isJsonPrimitive() && !labels.getAsString().isEmpty()) {
            actual.add("selector", labels);
        }
        scale.add("status", actual);
        return scale;
    }

    @Override
    public void check(JsonObject object) throws ApiException {
        JsonElement wanted = JsonPath.plain(object, spec);
        if (wanted == null || wanted.isJsonNull()) {
            String problem = "the spec replicas field \"" + spec + "\" does not exist";
            JsonObject cause = new JsonObject();
            cause.addProperty("message", problem);
            JsonArray causes = new JsonArray();
            causes.add(cause);
            JsonObject details = new JsonObject();
            details.add("causes", causes);
            throw new ApiException(500, "InternalError", "Internal error occurred: " + problem, details);
        }
    }

    @Override
    public void write(JsonObject object, JsonObject scale) throws ApiException {
        JsonElement value = JsonPath.plain(scale, ".spec.replicas");
        if (value != null && !value.isJsonNull() && !isInt32(value)) {
            throw ApiException.badRequest("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal " + jsonType(value)
                    + " into Go struct field ScaleSpec.spec.replicas of type int32");
        }
        long replicas = number(value);
        JsonObject at = object;
        String[] names = spec.substring(1).split("\\.");
        for (int i = 0; i < names.length - 1; i++) {
            if (!at.has(names[i]) || !at.get(names[i]).isJsonObject()) {
                at.add(names[i], new JsonObject());
            }
            at = at.getAsJsonObject(names[i]);
        }
        at.addProperty(names[names.length - 1], replicas);
    }

    private static boolean isInt32(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() && GoText.isInteger(value.getAsJsonPrimitive())
                && value.getAsDouble() == (int) value.getAsDouble();
    }

    private static String jsonType(JsonElement value) {
        if (!value.isJsonPrimitive()) {
            return value.isJsonArray() ? "array" : "object";
        }
        JsonPrimitive scalar = value.getAsJsonPrimitive();
        return scalar.isString() ? "string" : scalar.isBoolean() ? "bool" : "number " + scalar.getAsString();
    }

    /** What an object must fulfil so that it can be scaled. */
    List<FieldError> validate(JsonObject object) {
        List<FieldError> errors = new ArrayList<>();
        check(object, spec, errors);
        check(object, status, errors);
        return errors;
    }

    private static void check(JsonObject object, String path, List<FieldError> errors) {
        JsonElement at = object;
        StringBuilder walked = new StringBuilder();
        for (String name : path.substring(1).split("\\.")) {
            if (at == null) {
                return;
            }
            if (!at.isJsonObject()) {
                errors.add(FieldError.invalid(path, "0", path + " accessor error: " + shown(at) + " is of the type " + goType(at)
                        + ", expected map[string]interface{}"));
                return;
            }
            walked.append('.').append(name);
            at = at.getAsJsonObject().get(name);
        }
        if (at == null) {
            return;
        }
        if (!at.isJsonPrimitive() || !at.getAsJsonPrimitive().isNumber() || !GoText.isInteger(at.getAsJsonPrimitive())) {
            errors.add(FieldError.invalid(path, "0", walked + " accessor error: " + shown(at) + " is of the type " + goType(at) + ", expected int64"));
        } else if (at.getAsLong() < 0) {
            errors.add(FieldError.invalid(path, at.getAsString(), "should be a non-negative integer"));
        } else if (at.getAsLong() > Integer.MAX_VALUE) {
            errors.add(FieldError.invalid(path, at.getAsString(), "should be less than or equal to " + Integer.MAX_VALUE));
        }
    }

    /** {@code %v} of what Go reads from JSON. */
    private static String shown(JsonElement value) {
        if (value instanceof JsonObject object) {
            return new TreeMap<>(object.asMap()).entrySet().stream().map(e -> e.getKey() + ":" + shown(e.getValue())).collect(Collectors.joining(" ", "map[", "]"));
        }
        if (value instanceof JsonArray list) {
            return list.asList().stream().map(ReplicaScale::shown).collect(Collectors.joining(" ", "[", "]"));
        }
        return value.isJsonNull() ? "<nil>" : JsonPath.print(value);
    }

    private static String goType(JsonElement value) {
        if (value.isJsonPrimitive()) {
            return value.getAsJsonPrimitive().isString() ? "string" : value.getAsJsonPrimitive().isBoolean() ? "bool"
                    : GoText.isInteger(value.getAsJsonPrimitive()) ? "int64" : "float64";
        }
        return value.isJsonArray() ? "[]interface {}" : value.isJsonObject() ? "map[string]interface {}" : "<nil>";
    }

    private static long number(JsonElement value) {
        return value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber() ? 0 : (long) value.getAsDouble();
    }
}
