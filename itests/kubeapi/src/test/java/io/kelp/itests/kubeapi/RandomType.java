package io.kelp.itests.kubeapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Random;

/** A custom resource definition by chance, and objects that fit it more or less. The same seed gives the same. */
final class RandomType {

    private static final int DEPTH = 3;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";
    private static final List<String> FORMATS = List.of("date-time", "date", "ipv4", "email", "uuid", "uri", "byte", "duration", "hostname", "int32");

    private final Random random;
    final String kind;
    final String plural;
    final String group;
    final boolean namespaced;
    private final JsonObject schema;
    private final boolean status;

    RandomType(long seed) {
        random = new Random(seed);
        kind = "Z" + word(7);
        plural = kind.toLowerCase(java.util.Locale.ROOT) + "s";
        group = word(5) + ".compare.example";
        namespaced = random.nextInt(4) > 0;
        status = random.nextBoolean();
        schema = object("type", "object");
        JsonObject properties = new JsonObject();
        properties.add("spec", structure(DEPTH));
        properties.add("status", structure(1));
        JsonObject replicas = object("type", "integer");
        replicas.addProperty("minimum", 0);
        properties.add("count", replicas);
        schema.add("properties", properties);
        if (random.nextInt(3) == 0) {
            schema.add("required", array("spec"));
        }
    }

    JsonObject definition() {
        JsonObject names = object("kind", kind);
        names.addProperty("plural", plural);
        names.addProperty("singular", kind.toLowerCase(java.util.Locale.ROOT));
        names.add("shortNames", array("s" + kind.toLowerCase(java.util.Locale.ROOT).substring(1, 6)));
        names.add("categories", array("compared"));
        JsonArray versions = new JsonArray();
        versions.add(version("v1", true));
        versions.add(version("v1beta1", false));
        JsonObject spec = object("group", group);
        spec.addProperty("scope", namespaced ? "Namespaced" : "Cluster");
        spec.add("names", names);
        spec.add("versions", versions);
        JsonObject definition = object("apiVersion", "apiextensions.k8s.io/v1");
        definition.addProperty("kind", "CustomResourceDefinition");
        definition.add("metadata", object("name", plural + "." + group));
        definition.add("spec", spec);
        return definition;
    }

    private JsonObject version(String name, boolean stored) {
        JsonObject version = object("name", name);
        version.addProperty("served", true);
        version.addProperty("storage", stored);
        JsonObject holder = new JsonObject();
        holder.add("openAPIV3Schema", schema.deepCopy());
        version.add("schema", holder);
        JsonObject subresources = new JsonObject();
        if (status) {
            subresources.add("status", new JsonObject());
        }
        JsonObject scale = object("specReplicasPath", ".spec.count");
        scale.addProperty("statusReplicasPath", ".status.count");
        subresources.add("scale", scale);
        version.add("subresources", subresources);
        JsonObject column = object("name", "Count");
        column.addProperty("type", "integer");
        column.addProperty("jsonPath", ".count");
        JsonObject age = object("name", "Age");
        age.addProperty("type", "date");
        age.addProperty("jsonPath", ".metadata.creationTimestamp");
        JsonArray columns = new JsonArray();
        columns.add(column);
        columns.add(age);
        version.add("additionalPrinterColumns", columns);
        return version;
    }

    /** @return an object of the kind; about half are right */
    JsonObject instance(String name) {
        JsonObject object = object("apiVersion", group + "/v1");
        object.addProperty("kind", kind);
        object.add("metadata", object("name", name));
        int wrong = random.nextInt(2) == 0 ? 0 : 12;
        JsonObject properties = schema.getAsJsonObject("properties");
        for (String member : properties.keySet()) {
            if (random.nextInt(5) > 0) {
                // Where the status is a subresource, one in the object is put aside; if it is wrong the real server loses all managed fields with it.
                boolean aside = status && member.equals("status");
                object.add(member, aside ? members(properties.getAsJsonObject(member), 0) : value(properties.getAsJsonObject(member), wrong));
            }
        }
        return object;
    }

    /** @return a status; about half are right */
    JsonObject report() {
        return members(schema.getAsJsonObject("properties").getAsJsonObject("status"), random.nextInt(2) == 0 ? 0 : 12);
    }

    private JsonObject structure(int depth) {
        JsonObject result = object("type", "object");
        JsonObject properties = new JsonObject();
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            properties.add(word(4), schema(depth - 1));
        }
        if (depth == DEPTH) {
            properties.add("count", object("type", "integer"));
        }
        result.add("properties", properties);
        if (random.nextInt(3) == 0) {
            result.add("required", array(properties.keySet().iterator().next()));
        }
        if (random.nextInt(5) == 0) {
            result.addProperty("x-kubernetes-preserve-unknown-fields", true);
        }
        return result;
    }

    private JsonObject schema(int depth) {
        JsonObject result = switch (random.nextInt(depth > 0 ? 12 : 7)) {
            case 0, 1 -> text();
            case 2, 3 -> number("integer");
            case 4 -> number("number");
            case 5 -> object("type", "boolean");
            case 6 -> {
                JsonObject either = new JsonObject();
                either.addProperty("x-kubernetes-int-or-string", true);
                yield either;
            }
            case 7 -> list(depth);
            case 8 -> {
                JsonObject map = object("type", "object");
                map.add("additionalProperties", schema(depth - 1));
                if (random.nextBoolean()) {
                    map.addProperty("maxProperties", 2);
                }
                yield map;
            }
            case 9 -> {
                JsonObject free = object("type", "object");
                free.addProperty("x-kubernetes-preserve-unknown-fields", true);
                yield free;
            }
            default -> structure(depth);
        };
        if (random.nextInt(6) == 0) {
            result.addProperty("nullable", true);
        }
        return result;
    }

    private JsonObject text() {
        JsonObject result = object("type", "string");
        switch (random.nextInt(6)) {
            case 0 -> result.add("enum", array("red", "green", "blue"));
            case 1 -> result.addProperty("pattern", "^[a-z]+(-[a-z0-9]+)*$");
            case 2 -> {
                result.addProperty("minLength", 2);
                result.addProperty("maxLength", 5);
            }
            case 3 -> result.addProperty("format", FORMATS.get(random.nextInt(FORMATS.size() - 1)));
            case 4 -> result.addProperty("default", "none");
            default -> { }
        }
        return result;
    }

    private JsonObject number(String type) {
        JsonObject result = object("type", type);
        switch (random.nextInt(5)) {
            case 0 -> {
                result.addProperty("minimum", 1);
                result.addProperty("maximum", 10);
            }
            case 1 -> {
                result.addProperty("minimum", 1);
                result.addProperty("exclusiveMinimum", true);
            }
            case 2 -> result.addProperty("multipleOf", 3);
            case 3 -> result.addProperty("default", 7);
            default -> { }
        }
        return result;
    }

    private JsonObject list(int depth) {
        JsonObject result = object("type", "array");
        switch (random.nextInt(3)) {
            case 0 -> {
                result.add("items", object("type", "string"));
                result.addProperty("x-kubernetes-list-type", "set");
            }
            case 1 -> {
                JsonObject item = object("type", "object");
                JsonObject properties = new JsonObject();
                properties.add("key", object("type", "string"));
                properties.add("other", schema(depth - 1));
                item.add("properties", properties);
                item.add("required", array("key"));
                result.add("items", item);
                result.addProperty("x-kubernetes-list-type", "map");
                result.add("x-kubernetes-list-map-keys", array("key"));
            }
            default -> {
                result.add("items", schema(depth - 1));
                result.addProperty("maxItems", 2);
            }
        }
        return result;
    }

    /** @param wrong of 100 values so many do not fit on purpose */
    private JsonElement value(JsonObject of, int wrong) {
        if (random.nextInt(100) < wrong) {
            return odd();
        }
        if (of.has("x-kubernetes-int-or-string")) {
            return random.nextBoolean() ? new JsonPrimitive(random.nextInt(100)) : new JsonPrimitive(word(3));
        }
        return switch (of.get("type").getAsString()) {
            case "string" -> text(of, wrong);
            case "integer" -> new JsonPrimitive(wrong > 0 ? random.nextInt(20) - 4 : of.has("multipleOf") ? 6 : 5);
            case "number" -> number(of, wrong);
            case "boolean" -> new JsonPrimitive(random.nextBoolean());
            case "array" -> {
                JsonArray list = new JsonArray();
                int count = random.nextInt(wrong > 0 ? 4 : 2);
                for (int i = 0; i < count; i++) {
                    list.add(value(of.getAsJsonObject("items"), wrong));
                }
                yield list;
            }
            default -> members(of, wrong);
        };
    }

    /** Never a whole number with a fraction: Go's clients cannot send one, and the real server takes it for a change of the stored one. */
    private JsonPrimitive number(JsonObject of, int wrong) {
        if (wrong > 0) {
            return new JsonPrimitive(random.nextInt(10) + 0.25);
        }
        return of.has("multipleOf") ? new JsonPrimitive(6) : new JsonPrimitive(4.5);
    }

    private JsonObject members(JsonObject of, int wrong) {
        JsonObject result = new JsonObject();
        if (of.has("properties")) {
            JsonObject properties = of.getAsJsonObject("properties");
            String required = of.has("required") ? of.getAsJsonArray("required").get(0).getAsString() : "";
            for (String name : properties.keySet()) {
                if (wrong == 0 && name.equals(required) || random.nextInt(4) > 0) {
                    result.add(name, value(properties.getAsJsonObject(name), wrong));
                }
            }
        } else if (of.has("additionalProperties")) {
            int count = random.nextInt(wrong > 0 ? 4 : 2);
            for (int i = 0; i < count; i++) {
                result.add(word(3), value(of.getAsJsonObject("additionalProperties"), wrong));
            }
        }
        if (random.nextInt(4) == 0) {
            result.add("unknown", odd());
        }
        return result;
    }

    private JsonPrimitive text(JsonObject of, int wrong) {
        if (of.has("enum")) {
            return new JsonPrimitive(wrong > 0 && random.nextInt(3) == 0 ? "grey" : "red");
        }
        if (of.has("format") && (wrong == 0 || random.nextBoolean())) {
            return new JsonPrimitive(switch (of.get("format").getAsString()) {
                case "date-time" -> "2026-01-02T03:04:05Z";
                case "date" -> "2026-01-02";
                case "ipv4" -> "10.0.0.1";
                case "email" -> "a@example.com";
                case "uuid" -> "123e4567-e89b-12d3-a456-426614174000";
                case "uri" -> "http://example.com/a";
                case "byte" -> "YWJj";
                case "duration" -> "5s";
                default -> "example.com";
            });
        }
        return new JsonPrimitive(wrong > 0 ? word(1 + random.nextInt(7)) + (random.nextBoolean() ? "" : "_X") : "abc");
    }

    private JsonElement odd() {
        return switch (random.nextInt(6)) {
            case 0 -> JsonNull.INSTANCE;
            case 1 -> new JsonPrimitive("odd");
            case 2 -> new JsonPrimitive(-3);
            case 3 -> new JsonPrimitive(true);
            case 4 -> new JsonArray();
            default -> object("odd", "x");
        };
    }

    private String word(int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return word.toString();
    }

    private static JsonObject object(String name, String value) {
        JsonObject object = new JsonObject();
        object.addProperty(name, value);
        return object;
    }

    private static JsonArray array(String... values) {
        JsonArray array = new JsonArray();
        for (String value : values) {
            array.add(value);
        }
        return array;
    }
}
