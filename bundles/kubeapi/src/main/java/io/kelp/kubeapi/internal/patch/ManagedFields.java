package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** {@code metadata.managedFields} of an object, being changed. Not safe for use by several threads. */
final class ManagedFields {

    /** Kubernetes keeps that many entries of managers that do not apply. */
    private static final int MOST_UPDATERS = 10;
    /** And joins the oldest of those above in one of this name. */
    private static final String ANCIENT = "ancient-changes";
    private static final int MOST_ENTRIES = 1_000;

    private final TreeMap<Manager, Ownership> entries = new TreeMap<>();

    /** @throws IllegalArgumentException when it is no managedFields; says why */
    static ManagedFields decode(JsonElement managedFields) {
        ManagedFields managed = new ManagedFields();
        if (managedFields == null || managedFields.isJsonNull()) {
            return managed;
        }
        if (!(managedFields instanceof JsonArray list)) {
            throw new IllegalArgumentException("managedFields is a list");
        }
        if (list.size() > MOST_ENTRIES) {
            throw new IllegalArgumentException("managedFields has more than " + MOST_ENTRIES + " entries");
        }
        for (JsonElement entry : list) {
            managed.decodeEntry(entry);
        }
        return managed;
    }

    private void decodeEntry(JsonElement element) {
        if (!(element instanceof JsonObject entry)) {
            throw new IllegalArgumentException("an entry of managedFields is an object");
        }
        String operation = text(entry, "operation");
        boolean apply = operation.equals("Apply");
        if (!apply && !operation.equals("Update")) {
            throw new IllegalArgumentException("operation must be `Apply` or `Update`");
        }
        String apiVersion = text(entry, "apiVersion");
        if (apiVersion.isEmpty()) {
            throw new IllegalArgumentException("apiVersion must not be empty");
        }
        if (!text(entry, "fieldsType").equals("FieldsV1")) {
            throw new IllegalArgumentException("fieldsType must be `FieldsV1`");
        }
        String time = text(entry, "time");
        seconds(time);
        JsonElement fields = entry.get("fieldsV1");
        FieldSet set = fields == null ? FieldSet.EMPTY : FieldsCodec.decode(fields);
        entries.put(new Manager(text(entry, "manager"), apply, apply ? "" : apiVersion, text(entry, "subresource")),
                new Ownership(set, apiVersion, time.isEmpty() ? null : time));
    }

    private static String text(JsonObject entry, String name) {
        JsonElement value = entry.get(name);
        if (value == null || value.isJsonNull()) {
            return "";
        }
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return value.getAsString();
        }
        throw new IllegalArgumentException(name + " of an entry of managedFields is a string");
    }

    private static long seconds(String time) {
        if (time == null || time.isEmpty()) {
            return 0;
        }
        try {
            return time.endsWith("Z") ? Instant.parse(time).getEpochSecond() : OffsetDateTime.parse(time).toEpochSecond();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("time " + time + " of an entry of managedFields is not RFC 3339", e);
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Ordered by manager. */
    Map<Manager, Ownership> entries() {
        return entries;
    }

    Ownership get(Manager manager) {
        return entries.get(manager);
    }

    /** An entry without fields is dropped. */
    void put(Manager manager, Ownership ownership) {
        if (ownership.fields().isEmpty()) {
            entries.remove(manager);
        } else {
            entries.put(manager, ownership);
        }
    }

    /** Changes what everybody but one manager owns. */
    void changeOthers(Manager except, UnaryOperator<FieldSet> change) {
        for (Manager manager : List.copyOf(entries.keySet())) {
            if (!manager.equals(except)) {
                Ownership ownership = entries.get(manager);
                put(manager, ownership.with(change.apply(ownership.fields())));
            }
        }
    }

    ManagedFields copy() {
        ManagedFields copy = new ManagedFields();
        copy.entries.putAll(entries);
        return copy;
    }

    /** Joins the oldest entries of managers that do not apply when there are too many. */
    void cap() {
        List<Manager> updaters = new ArrayList<>(entries.keySet().stream().filter(manager -> !manager.apply()).toList());
        int count = updaters.size();
        if (count <= MOST_UPDATERS) {
            return;
        }
        updaters.sort(Comparator.comparingLong((Manager manager) -> seconds(entries.get(manager).time())).thenComparing(manager -> manager));
        Map<String, Manager> firsts = new HashMap<>();
        for (Manager manager : updaters) {
            if (count <= MOST_UPDATERS) {
                return;
            }
            Manager first = firsts.putIfAbsent(manager.apiVersion(), manager);
            if (first != null) {
                Manager bucket = new Manager(ANCIENT, false, manager.apiVersion(), "");
                if (!entries.containsKey(bucket)) {
                    entries.put(bucket, entries.remove(first));
                }
                Ownership joined = entries.remove(manager);
                entries.put(bucket, joined.with(joined.fields().union(entries.get(bucket).fields())));
                count--;
            }
        }
    }

    /** Those who apply first, then by time. */
    JsonArray encode() {
        List<Map.Entry<Manager, Ownership>> ordered = new ArrayList<>(entries.entrySet());
        ordered.sort(Comparator.comparing((Map.Entry<Manager, Ownership> entry) -> !entry.getKey().apply())
                .thenComparingLong(entry -> seconds(entry.getValue().time()))
                .thenComparing(entry -> entry.getKey().name())
                .thenComparing(entry -> entry.getValue().apiVersion())
                .thenComparing(entry -> entry.getKey().subresource()));
        JsonArray list = new JsonArray();
        ordered.forEach(entry -> list.add(encode(entry.getKey(), entry.getValue())));
        return list;
    }

    private static JsonObject encode(Manager manager, Ownership ownership) {
        JsonObject entry = new JsonObject();
        if (!manager.name().isEmpty()) {
            entry.addProperty("manager", manager.name());
        }
        entry.addProperty("operation", manager.apply() ? "Apply" : "Update");
        entry.addProperty("apiVersion", ownership.apiVersion());
        if (ownership.time() != null) {
            entry.addProperty("time", ownership.time());
        }
        entry.addProperty("fieldsType", "FieldsV1");
        entry.add("fieldsV1", FieldsCodec.encode(ownership.fields()));
        if (!manager.subresource().isEmpty()) {
            entry.addProperty("subresource", manager.subresource());
        }
        return entry;
    }
}
