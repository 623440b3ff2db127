package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields that somebody who applies an object owns by it. */
final class OwnedFields {

    private OwnedFields() {
    }

    /** @throws IllegalItemException when the value does not fit the type */
    static FieldSet of(JsonElement value, FieldType type) throws IllegalItemException {
        FieldSet set = new FieldSet();
        collect(value, type, set);
        return set;
    }

    /** @return whether the value is a field of its own */
    private static boolean collect(JsonElement value, FieldType type, FieldSet set) throws IllegalItemException {
        return switch (type.form(value)) {
            case SCALAR -> true;
            case LIST -> collectList(value, type, set);
            case MAP -> collectMap(value, type, set);
        };
    }

    private static boolean collectMap(JsonElement value, FieldType type, FieldSet set) throws IllegalItemException {
        if (type.isAtomicMap()) {
            return true;
        }
        if (!(value instanceof JsonObject object) || object.isEmpty()) {
            return true;
        }
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            FieldType member = type.member(entry.getKey());
            if (member == null) {
                continue;
            }
            String element = PathElement.field(entry.getKey());
            FieldSet below = new FieldSet();
            if (collect(entry.getValue(), member, below) || !type.declaresField(entry.getKey())) {
                set.add(element);
            }
            set.child(element, below);
        }
        return false;
    }

    private static boolean collectList(JsonElement value, FieldType type, FieldSet set) throws IllegalItemException {
        if (type.isAtomicList() || !(value instanceof JsonArray list)) {
            return true;
        }
        List<String> elements = ListItems.elements(list, type);
        Set<String> once = new HashSet<>();
        Set<String> twice = new HashSet<>();
        elements.forEach(element -> (once.add(element) ? once : twice).add(element));
        FieldType item = type.item();
        for (int i = 0; i < elements.size(); i++) {
            String element = elements.get(i);
            set.add(element);
            if (!twice.contains(element)) {
                FieldSet below = new FieldSet();
                collect(list.get(i), item, below);
                set.child(element, below);
            }
        }
        return false;
    }
}
