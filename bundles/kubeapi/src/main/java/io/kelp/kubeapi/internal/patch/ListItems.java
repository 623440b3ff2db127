package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** How items of a list that is a set or a map are told apart. */
final class ListItems {

    private ListItems() {
    }

    /** @throws IllegalItemException when an item cannot be told */
    static List<String> elements(JsonArray list, FieldType type) throws IllegalItemException {
        List<String> elements = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            elements.add(element(list.get(i), i, type));
        }
        return elements;
    }

    /** @param index for the message */
    static String element(JsonElement item, int index, FieldType type) throws IllegalItemException {
        return type.hasKeys() ? byKeys(item, index, type) : byValue(item, index);
    }

    /** {@code null} for an item that cannot be told apart. */
    static String elementOrNull(JsonElement item, FieldType type) {
        try {
            return element(item, 0, type);
        } catch (IllegalItemException e) {
            return null; // what is stored may be older than the rule; nobody can own it
        }
    }

    private static String byValue(JsonElement item, int index) throws IllegalItemException {
        if (item.isJsonNull()) {
            throw new IllegalItemException(index, "associative list without keys has an element that's an explicit null");
        }
        if (item.isJsonObject()) {
            throw new IllegalItemException(index, "associative list without keys has an element that's a map type");
        }
        if (item.isJsonArray()) {
            throw new IllegalItemException(index, "not supported: associative list with lists as elements");
        }
        return PathElement.value(item);
    }

    private static String byKeys(JsonElement item, int index, FieldType type) throws IllegalItemException {
        if (item.isJsonNull()) {
            throw new IllegalItemException(index, "associative list with keys may not have a null element");
        }
        if (!(item instanceof JsonObject object)) {
            throw new IllegalItemException(index, "associative list with keys may not have non-map elements");
        }
        TreeMap<String, JsonElement> key = new TreeMap<>();
        for (String name : type.keys()) {
            JsonElement value = object.has(name) ? object.get(name) : type.keyDefault(name);
            if (value != null) {
                key.put(name, value);
            }
        }
        if (key.isEmpty()) {
            throw new IllegalItemException(index, "associative list with keys has an element that omits all key fields "
                    + "[" + String.join(" ", type.keys().stream().map(name -> '"' + name + '"').toList()) + "]"
                    + " (and doesn't have default values for any key fields)");
        }
        return PathElement.key(key);
    }

    /** An item without identity. */
    static final class IllegalItemException extends Exception {

        private static final long serialVersionUID = 1L;

        IllegalItemException(int index, String problem) {
            super("element " + index + ": " + problem, null, false, false);
        }
    }
}
