package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.patch.FieldType.Form;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lays what is applied over what is there, by type; nothing is removed. Results share branches with the inputs.
 */
final class TypedMerge {

    private TypedMerge() {
    }

    /**
     * @param live {@code null} when absent
     * @param applied {@code null} when absent
     */
    static JsonElement merge(JsonElement live, JsonElement applied, FieldType type) throws IllegalItemException {
        if (applied == null) {
            return live;
        }
        Form form = type.form(applied);
        if (form == Form.MAP && !type.isAtomicMap()) {
            JsonObject old = live instanceof JsonObject object ? object : new JsonObject();
            JsonObject now = applied instanceof JsonObject object ? object : new JsonObject();
            if (!old.isEmpty() || !now.isEmpty()) {
                return mergeMaps(old, now, type);
            }
        } else if (form == Form.LIST && !type.isAtomicList()) {
            JsonArray old = live instanceof JsonArray list ? list : new JsonArray();
            JsonArray now = applied instanceof JsonArray list ? list : new JsonArray();
            if (!old.isEmpty() || !now.isEmpty()) {
                return mergeLists(old, now, type);
            }
        }
        return applied;
    }

    private static JsonObject mergeMaps(JsonObject live, JsonObject applied, FieldType type) throws IllegalItemException {
        JsonObject merged = new JsonObject();
        for (Map.Entry<String, JsonElement> entry : live.entrySet()) {
            JsonElement now = applied.get(entry.getKey());
            FieldType member = now == null ? null : type.member(entry.getKey());
            merged.add(entry.getKey(), member == null ? entry.getValue() : merge(entry.getValue(), now, member));
        }
        for (Map.Entry<String, JsonElement> entry : applied.entrySet()) {
            if (!live.has(entry.getKey())) {
                merged.add(entry.getKey(), entry.getValue());
            }
        }
        return merged;
    }

    /**
     * Items that both have come in the order in which they are applied, those only one has keep their place before the
     * next common one; live ones first.
     */
    private static JsonArray mergeLists(JsonArray live, JsonArray applied, FieldType type) throws IllegalItemException {
        List<String> old = ListItems.elements(live, type);
        List<String> now = ListItems.elements(applied, type);
        Map<String, JsonElement> oldItems = byElement(live, old);
        Map<String, JsonElement> newItems = byElement(applied, now);
        Deque<String> common = new ArrayDeque<>();
        now.stream().filter(oldItems::containsKey).forEach(common::add);
        Set<String> done = new HashSet<>();
        FieldType item = type.item();
        JsonArray merged = new JsonArray();
        int l = 0;
        int r = 0;
        while (l < old.size() || r < now.size()) {
            if (l < old.size() && r < now.size()) {
                String element = old.get(l);
                if (element.equals(now.get(r))) {
                    done.add(element);
                    merged.add(merge(oldItems.get(element), newItems.get(element), item));
                    l++;
                    r++;
                    common.poll();
                    continue;
                }
                if (newItems.containsKey(element) && !common.isEmpty() && !common.peek().equals(element)) {
                    l++; // both have it, but its turn comes later
                    continue;
                }
            }
            if (l < old.size()) {
                String element = old.get(l);
                if (!newItems.containsKey(element)) {
                    merged.add(live.get(l));
                    l++;
                    continue;
                }
                if (done.contains(element)) {
                    l++;
                }
            }
            if (r < now.size()) {
                String element = now.get(r);
                done.add(element);
                merged.add(merge(oldItems.get(element), newItems.get(element), item));
                r++;
                if (element.equals(common.peek())) {
                    common.poll();
                }
            }
        }
        return merged;
    }

    /** An item that is there twice cannot be merged with: it maps to {@code null}. */
    private static Map<String, JsonElement> byElement(JsonArray list, List<String> elements) {
        Map<String, JsonElement> items = new HashMap<>();
        for (int i = 0; i < elements.size(); i++) {
            String element = elements.get(i);
            items.put(element, items.containsKey(element) ? null : list.get(i));
        }
        return items;
    }
}
