package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Structural schemas as the API server of Kubernetes 1.34 acts on them. Rules in CEL ({@code x-kubernetes-validations}) are kept but
 * not evaluated. Values of built-in kinds, whose schemas have no source, are checked by their own rules.
 *
 * <p>Safe for use by several threads.
 */
public final class StructuralRules implements SchemaRules {

    private final Patterns patterns = new Patterns();

    @Override
    public List<String> unknownFields(JsonObject object, Schema schema, int limit) {
        List<String> paths = new ArrayList<>();
        if (schema.source() == null) {
            // The fields that every object has are part of a built-in schema: they are looked into like all others.
            new Pruning(false, paths::add).value(object, schema, "");
        } else {
            paths.addAll(unknownMetadata(object, ""));
            List<String> pruned = new ArrayList<>();
            new Pruning(false, pruned::add).root(object, schema);
            pruned.sort(null);
            paths.addAll(pruned);
            embeddedMetadata(object, schema, "", paths);
        }
        return paths.stream().limit(limit).map(path -> "unknown field \"" + path + "\"").toList();
    }

    private static List<String> unknownMetadata(JsonObject object, String path) {
        List<String> unknown = new ArrayList<>();
        JsonElement metadata = object.get("metadata");
        if (metadata != null && metadata.isJsonObject()) {
            new Pruning(false, unknown::add).value(metadata, MetadataSchema.OBJECT_META, path.isEmpty() ? "metadata" : path + ".metadata");
        }
        return unknown;
    }

    private static void embeddedMetadata(JsonElement value, Schema schema, String path, List<String> unknown) {
        if (schema == null) {
            return;
        }
        if (value.isJsonObject()) {
            if (schema.embedded()) {
                unknown.addAll(unknownMetadata(value.getAsJsonObject(), path));
            }
            for (Map.Entry<String, JsonElement> member : new TreeMap<>(value.getAsJsonObject().asMap()).entrySet()) {
                embeddedMetadata(member.getValue(), schema.member(member.getKey()), path.isEmpty() ? member.getKey() : path + "." + member.getKey(), unknown);
            }
        } else if (value.isJsonArray()) {
            for (int i = 0; i < value.getAsJsonArray().size(); i++) {
                embeddedMetadata(value.getAsJsonArray().get(i), schema.items(), path + "[" + i + "]", unknown);
            }
        }
    }

    @Override
    public void prune(JsonObject object, Schema schema) {
        new Pruning(true, path -> { }).root(object, schema);
        if (schema.source() != null) {
            pruneMetadata(object, schema);
        }
    }

    private static void pruneMetadata(JsonElement value, Schema schema) {
        if (schema == null) {
            return;
        }
        if (value.isJsonObject()) {
            JsonElement metadata = value.getAsJsonObject().get("metadata");
            if (schema.embedded() && metadata != null) {
                new Pruning(true, path -> { }).value(metadata, MetadataSchema.OBJECT_META, "metadata");
            }
            value.getAsJsonObject().asMap().forEach((name, member) -> pruneMetadata(member, schema.member(name)));
        } else if (value.isJsonArray()) {
            value.getAsJsonArray().forEach(item -> pruneMetadata(item, schema.items()));
        }
    }

    /** Whether pruning would take something away from a part of an object. */
    public boolean isPruned(JsonObject value, Schema schema) {
        List<String> unknown = new ArrayList<>();
        new Pruning(false, unknown::add).value(value, schema, "");
        return !unknown.isEmpty();
    }

    /** What is wrong with a regular expression, in Go's words; {@code null} when nothing is. */
    public static String patternProblem(String pattern) {
        try {
            Regex.compile(pattern);
            return null;
        } catch (RegexSyntax.InvalidException e) {
            return e.getMessage();
        }
    }

    /** Whether values of a string format are checked. */
    public static boolean isKnownFormat(String format) {
        return Formats.isKnown(format);
    }

    @Override
    public void setDefaults(JsonObject object, Schema schema) {
        Defaulting.apply(object, schema);
    }

    @Override
    public List<FieldError> validate(JsonObject object, Schema schema) {
        return schema.source() == null ? List.of() : validate(object, schema, "");
    }

    private List<FieldError> validate(JsonElement value, Schema schema, String path) {
        List<FieldError> errors = new ArrayList<>(new ValueRules(patterns, path).check(value, schema.source()));
        ShapeRules.embedded(value, schema, path, errors);
        ShapeRules.lists(value, schema, path, errors);
        return errors;
    }

    /**
     * What is wrong with a default.
     *
     * @param whole whether it stands for a whole object
     * @param path of the default
     */
    public List<FieldError> validateDefault(JsonElement value, Schema schema, boolean whole, String path) {
        List<FieldError> errors = new ArrayList<>();
        if (whole && value.isJsonObject()) {
            ShapeRules.resource(value.getAsJsonObject(), path, errors);
        }
        ShapeRules.embedded(value, schema, path, errors);
        return errors.isEmpty() ? new ValueRules(patterns, path).check(value, schema.source()) : errors;
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, Schema schema) {
        return List.of();
    }
}
