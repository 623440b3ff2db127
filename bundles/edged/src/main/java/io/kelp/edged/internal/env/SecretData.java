package io.kelp.edged.internal.env;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** What ConfigMaps and Secrets hold: bytes by key, in the order of the keys. */
public final class SecretData {

    private SecretData() {}

    /**
     * {@code data} of a Secret; {@code data} and {@code binaryData} of a ConfigMap.
     *
     * @throws IllegalArgumentException when what should be base64 is not
     */
    public static Map<String, byte[]> of(MetaObject object) {
        Map<String, byte[]> all = new TreeMap<>();
        boolean secret = object.type().equals("secret");
        Pod.object(object.json(), "data").entrySet().forEach(e -> all.put(e.getKey(),
                secret ? decoded(object, e.getKey(), e.getValue()) : text(e.getValue()).getBytes(StandardCharsets.UTF_8)));
        if (!secret) {
            Pod.object(object.json(), "binaryData").entrySet().forEach(e -> all.put(e.getKey(), decoded(object, e.getKey(), e.getValue())));
        }
        return all;
    }

    private static byte[] decoded(MetaObject object, String key, JsonElement value) {
        try {
            return Base64.getDecoder().decode(text(value));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("key " + key + " of " + object + " is not base64", e);
        }
    }

    private static String text(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : "";
    }

    /** Texts by key; of a ConfigMap only {@code data}, for an environment holds no bytes. */
    static Map<String, String> texts(MetaObject object) {
        Map<String, String> all = new TreeMap<>();
        JsonObject binary = Pod.object(object.json(), "binaryData");
        of(object).forEach((key, bytes) -> {
            if (object.type().equals("secret") || !binary.has(key)) {
                all.put(key, new String(bytes, StandardCharsets.UTF_8));
            }
        });
        return all;
    }
}
