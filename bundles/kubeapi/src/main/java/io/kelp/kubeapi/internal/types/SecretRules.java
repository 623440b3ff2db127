package io.kelp.kubeapi.internal.types;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import io.kelp.kubeapi.FieldError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Secrets: texts are folded into the data, well-known types need their keys, the type stays what it was. */
final class SecretRules extends BuiltInRules {

    private static final String ACCOUNT = "kubernetes.io/service-account.name";

    private static final TypeAdapter<JsonElement> STRICT = new Gson().getAdapter(JsonElement.class);

    SecretRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public void setDefaults(JsonObject object) {
        Tree.setDefault(object, "type", "Opaque");
        JsonObject texts = Tree.object(object, "stringData");
        for (String key : texts.keySet()) {
            byte[] text = texts.get(key).getAsString().getBytes(StandardCharsets.UTF_8);
            Tree.make(object, "data").addProperty(key, Base64.getEncoder().encodeToString(text));
        }
        object.remove("stringData");
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        Problems problems = new Problems();
        JsonObject data = Tree.object(object, "data");
        long size = 0;
        for (String key : new TreeSet<>(data.keySet())) {
            problems.invalid("data[" + key + "]", key, Formats.key(key));
            size += ConfigMapRules.decoded(data, key).length;
        }
        if (size > ConfigMapRules.MAX_BYTES) {
            problems.tooLong("data", ConfigMapRules.MAX_BYTES);
        }
        switch (Tree.text(object, "type")) {
            case "kubernetes.io/service-account-token" -> {
                if (Tree.text(object, "metadata", "annotations", ACCOUNT).isEmpty()) {
                    problems.required("metadata.annotations[" + ACCOUNT + "]", "");
                }
            }
            case "kubernetes.io/dockercfg" -> requireJson(problems, data, ".dockercfg");
            case "kubernetes.io/dockerconfigjson" -> requireJson(problems, data, ".dockerconfigjson");
            case "kubernetes.io/basic-auth" -> {
                if (!data.has("username") && !data.has("password")) {
                    problems.required("data[username]", "");
                    problems.required("data[password]", "");
                }
            }
            case "kubernetes.io/ssh-auth" -> {
                if (Tree.text(data, "ssh-privatekey").isEmpty()) {
                    problems.required("data[ssh-privatekey]", "");
                }
            }
            case "kubernetes.io/tls" -> {
                for (String key : List.of("tls.crt", "tls.key")) {
                    if (!data.has(key)) {
                        problems.required("data[" + key + "]", "");
                    }
                }
            }
            default -> { }
        }
        return problems.list();
    }

    @Override
    public List<String> warnings(JsonObject object) {
        if (Tree.text(object, "type").equals("kubernetes.io/tls")) {
            JsonObject data = Tree.object(object, "data");
            for (var part : Map.of("tls.crt", "certificate", "tls.key", "key").entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
                boolean pem = data.has(part.getKey()) && new String(ConfigMapRules.decoded(data, part.getKey()), StandardCharsets.UTF_8).contains("-----BEGIN ");
                if (!pem) {
                    return List.of("tls: failed to find any PEM data in " + part.getValue() + " input");
                }
            }
        }
        return List.of();
    }

    @Override
    public void prepareForUpdate(JsonObject object, JsonObject old, String subresource) {
        if (Tree.text(object, "type").isEmpty()) {
            keep(object, old, "type");
        }
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        Problems problems = new Problems();
        if (!Tree.text(object, "type").equals(Tree.text(old, "type"))) {
            problems.invalid("type", Tree.text(object, "type"), Problems.IMMUTABLE);
        }
        ConfigMapRules.checkImmutable(problems, object, old, "data");
        return problems.list();
    }

    @Override
    public Map<String, String> selectableFields(JsonObject object) {
        return Map.of("type", Tree.text(object, "type"));
    }

    private static void requireJson(Problems problems, JsonObject data, String key) {
        if (!data.has(key)) {
            problems.required("data[" + key + "]", "");
            return;
        }
        String text = new String(ConfigMapRules.decoded(data, key), StandardCharsets.UTF_8);
        String trouble = jsonProblem(text.strip());
        if (trouble != null) {
            problems.invalid("data[" + key + "]", "<secret contents redacted>", trouble);
        }
    }

    /** What Go's decoder says about a text that is to be a JSON object; {@code null} when it is one, or null. */
    private static String jsonProblem(String text) {
        if (text.isEmpty()) {
            return "unexpected end of JSON input";
        }
        if ("{[\"-0123456789tfn".indexOf(text.charAt(0)) < 0) {
            return "invalid character '" + text.charAt(0) + "' looking for beginning of value";
        }
        try {
            JsonElement value = STRICT.fromJson(text);
            if (value.isJsonObject() || value.isJsonNull()) {
                return null;
            }
            String kind = value.isJsonArray() ? "array" : value.getAsJsonPrimitive().isString() ? "string" : value.getAsJsonPrimitive().isNumber() ? "number" : "bool";
            return "json: cannot unmarshal " + kind + " into Go value of type map[string]interface {}";
        } catch (IOException | JsonParseException e) {
            return "invalid character in JSON";
        }
    }
}
