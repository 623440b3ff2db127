package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.patch.FieldType.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What changed between two objects, as fields. An object that is new counts as added, and so does each field in it.
 */
record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

    static Comparison of(JsonElement before, JsonElement after, FieldType type) {
        Walk walk = new Walk();
        walk.compare(before, after, type);
        return new Comparison(walk.added, walk.modified, walk.removed);
    }

    boolean isSame() {
        return added.isEmpty() && modified.isEmpty() && removed.isEmpty();
    }

    /** Leaves some fields, and all below them, out of account. */
    Comparison without(FieldSet ignored) {
        return new Comparison(added.recursiveDifference(ignored), modified.recursiveDifference(ignored),
                removed.recursiveDifference(ignored));
    }

    private static final class Walk {

        private final FieldSet added = new FieldSet();
        private final FieldSet modified = new FieldSet();
        private final FieldSet removed = new FieldSet();
        private final List<String> path = new ArrayList<>();

        /** Either may be {@code null}: absent. */
        void compare(JsonElement before, JsonElement after, FieldType type) {
            if (before == after) {
                return;
            }
            boolean leaf;
            if (after == null) {
                leaf = compareAs(type.form(before), before, null, type);
            } else {
                Form form = type.form(after);
                leaf = false;
                if (before != null && type.form(before) != form) {
                    compareAs(type.form(before), before, after, type);
                }
                leaf = compareAs(form, before, after, type);
            }
            if (!leaf && !path.isEmpty()) {
                if (before == null) {
                    added.add(path);
                } else if (after == null) {
                    removed.add(path);
                }
            }
        }

        private boolean compareAs(Form form, JsonElement before, JsonElement after, FieldType type) {
            switch (form) {
                case MAP -> {
                    JsonObject old = before instanceof JsonObject object ? object : new JsonObject();
                    JsonObject now = after instanceof JsonObject object ? object : new JsonObject();
                    if (!type.isAtomicMap() && !(old.isEmpty() && now.isEmpty())) {
                        compareMaps(old, now, type);
                        return false;
                    }
                }
                case LIST -> {
                    JsonArray old = before instanceof JsonArray list ? list : new JsonArray();
                    JsonArray now = after instanceof JsonArray list ? list : new JsonArray();
                    if (!type.isAtomicList() && !(old.isEmpty() && now.isEmpty())) {
                        compareLists(old, now, type);
                        return false;
                    }
                }
                case SCALAR -> { }
            }
            compareLeaves(before, after);
            return true;
        }

        private void compareLeaves(JsonElement before, JsonElement after) {
            if (path.isEmpty()) {
                return;
            }
            if (before == null) {
                added.add(path);
            } else if (after == null) {
                removed.add(path);
            } else if (!before.equals(after)) {
                modified.add(path);
            }
        }

        private void compareMaps(JsonObject before, JsonObject after, FieldType type) {
            for (Map.Entry<String, JsonElement> entry : before.entrySet()) {
                compareMember(entry.getKey(), entry.getValue(), after.get(entry.getKey()), type);
            }
            for (Map.Entry<String, JsonElement> entry : after.entrySet()) {
                if (!before.has(entry.getKey())) {
                    compareMember(entry.getKey(), null, entry.getValue(), type);
                }
            }
        }

        private void compareMember(String name, JsonElement before, JsonElement after, FieldType type) {
            FieldType member = type.member(name);
            if (member != null) {
                below(PathElement.field(name), before, after, member);
            }
        }

        private void compareLists(JsonArray before, JsonArray after, FieldType type) {
            Map<String, List<JsonElement>> old = byElement(before, type);
            Map<String, List<JsonElement>> now = byElement(after, type);
            FieldType item = type.item();
            old.forEach((element, items) -> compareItems(element, items, now.getOrDefault(element, List.of()), item));
            now.forEach((element, items) -> {
                if (!old.containsKey(element)) {
                    compareItems(element, List.of(), items, item);
                }
            });
        }

        /** Items that are there twice are only compared as a whole. */
        private void compareItems(String element, List<JsonElement> before, List<JsonElement> after, FieldType item) {
            if (before.size() <= 1 && after.size() <= 1) {
                below(element, before.isEmpty() ? null : before.get(0), after.isEmpty() ? null : after.get(0), item);
                return;
            }
            path.add(element);
            if (before.isEmpty()) {
                added.add(path);
            } else if (after.isEmpty()) {
                removed.add(path);
            } else if (!before.equals(after)) {
                modified.add(path);
            }
            path.remove(path.size() - 1);
        }

        private static Map<String, List<JsonElement>> byElement(JsonArray list, FieldType type) {
            Map<String, List<JsonElement>> items = new LinkedHashMap<>();
            for (int i = 0; i < list.size(); i++) {
                String element = ListItems.elementOrNull(list.get(i), type);
                if (element != null) {
                    items.computeIfAbsent(element, key -> new ArrayList<>(1)).add(list.get(i));
                }
            }
            return items;
        }

        private void below(String element, JsonElement before, JsonElement after, FieldType type) {
            path.add(element);
            compare(before, after, type);
            path.remove(path.size() - 1);
        }
    }
}
