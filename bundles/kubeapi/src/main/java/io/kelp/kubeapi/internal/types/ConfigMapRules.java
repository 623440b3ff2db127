package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/** Config maps: keys in their form, at most 1 MiB, unchangeable when they say so. */
final class ConfigMapRules extends BuiltInRules {

    static final int MAX_BYTES = 1024 * 1024;

    ConfigMapRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        Problems problems = new Problems();
        JsonObject data = Tree.object(object, "data");
        JsonObject binary = Tree.object(object, "binaryData");
        long size = 0;
        for (String key : new TreeSet<>(data.keySet())) {
            String field = "data[" + key + "]";
            problems.invalid(field, key, Formats.key(key));
            if (binary.has(key)) {
                problems.invalid(field, key, "duplicate of key present in binaryData");
            }
            size += data.get(key).getAsString().getBytes(StandardCharsets.UTF_8).length;
        }
        for (String key : new TreeSet<>(binary.keySet())) {
            problems.invalid("binaryData[" + key + "]", key, Formats.key(key));
            size += decoded(binary, key).length;
        }
        if (size > MAX_BYTES) {
            problems.tooLong("[]", MAX_BYTES);
        }
        return problems.list();
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        Problems problems = new Problems();
        checkImmutable(problems, object, old, "data", "binaryData");
        return problems.list();
    }

    static void checkImmutable(Problems problems, JsonObject object, JsonObject old, String... members) {
        if (!Tree.flag(old, "immutable")) {
            return;
        }
        String detail = "field is immutable when `immutable` is set";
        if (!Tree.flag(object, "immutable")) {
            problems.forbidden("immutable", detail);
        }
        for (String member : members) {
            if (!Objects.equals(Tree.at(object, member), Tree.at(old, member))) {
                problems.forbidden(member, detail);
            }
        }
    }

    static byte[] decoded(JsonObject data, String key) {
        return data.get(key).isJsonNull() ? new byte[0] : Base64.getDecoder().decode(data.get(key).getAsString());
    }
}
