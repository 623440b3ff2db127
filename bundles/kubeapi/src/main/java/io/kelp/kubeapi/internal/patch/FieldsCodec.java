package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** FieldsV1, the JSON form of a {@link FieldSet}: an element without members below is {@code {}}, one that is a member as well has {@code "."}. */
final class FieldsCodec {

    private static final int DEEPEST = 200;

    private FieldsCodec() {
    }

    /** @throws IllegalArgumentException when it is no FieldsV1; says what is wrong */
    static FieldSet decode(JsonElement fields) {
        FieldSet set = new FieldSet();
        if (decode(fields, set, 0)) {
            throw new IllegalArgumentException("the root is no field");
        }
        return set;
    }

    /** @return whether the element itself is a member */
    private static boolean decode(JsonElement fields, FieldSet set, int depth) {
        if (!(fields instanceof JsonObject object)) {
            throw new IllegalArgumentException("fields are JSON objects");
        }
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("fields are nested deeper than " + DEEPEST);
        }
        boolean self = false;
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            if (entry.getKey().equals(".")) {
                self = true;
                continue;
            }
            String element = PathElement.parse(entry.getKey());
            FieldSet below = new FieldSet();
            boolean member = decode(entry.getValue(), below, depth + 1);
            if (member || below.isEmpty()) {
                set.add(element);
            }
            set.child(element, below);
        }
        return self;
    }

    static JsonObject encode(FieldSet set) {
        JsonObject object = new JsonObject();
        SortedSet<String> elements = set.members();
        if (!set.children().isEmpty()) {
            elements = new TreeSet<>(elements);
            elements.addAll(set.children().keySet());
        }
        for (String element : elements) {
            FieldSet below = set.below(element);
            if (below.isEmpty()) {
                if (set.has(element)) {
                    object.add(element, new JsonObject());
                }
                continue;
            }
            JsonObject inner = new JsonObject();
            if (set.has(element)) {
                inner.add(".", new JsonObject());
            }
            encode(below).entrySet().forEach(entry -> inner.add(entry.getKey(), entry.getValue()));
            object.add(element, inner);
        }
        return object;
    }
}
