package io.kelp.kubeapi.internal.patch;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSyntaxException;
import com.google.gson.Strictness;

/** Reads small texts that are JSON inside JSON; numbers keep their text. */
final class StrictJson {

    private static final Gson GSON = new GsonBuilder().setStrictness(Strictness.STRICT).disableHtmlEscaping().serializeNulls().create();

    private StrictJson() {
    }

    /** @throws JsonParseException when it is none, or nested too deep */
    static JsonElement parse(String text) {
        JsonElement value = GSON.fromJson(text, JsonElement.class);
        if (value == null) {
            throw new JsonSyntaxException("no value");
        }
        return value;
    }

    static String quote(String text) {
        return GSON.toJson(text);
    }

    static String write(JsonElement value) {
        return GSON.toJson(value);
    }
}
