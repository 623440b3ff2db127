package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Fields that others own and that somebody wants to apply with other values. */
final class Conflicts extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient SortedMap<Manager, FieldSet> byManager;

    Conflicts(SortedMap<Manager, FieldSet> byManager) {
        super(null, null, false, false);
        this.byManager = byManager;
    }

    FieldSet fields() {
        FieldSet all = FieldSet.EMPTY;
        for (FieldSet fields : byManager.values()) {
            all = all.union(fields);
        }
        return all;
    }

    /** Those that are about other fields. */
    Conflicts without(FieldSet allowed) {
        SortedMap<Manager, FieldSet> rest = new TreeMap<>();
        byManager.forEach((manager, fields) -> {
            FieldSet left = fields.difference(allowed);
            if (!left.isEmpty()) {
                rest.put(manager, left);
            }
        });
        return new Conflicts(rest);
    }

    /** 409 with a cause for each field. */
    ApiException toApiException() {
        JsonArray causes = new JsonArray();
        List<String> paths = new ArrayList<>();
        StringJoiner list = new StringJoiner("\n");
        byManager.forEach((manager, fields) -> {
            list.add("conflicts with " + manager.shown() + ":");
            fields.forEach(path -> {
                String field = PathElement.show(path);
                paths.add(field);
                list.add("- " + field);
                causes.add(cause(manager, field));
            });
        });
        JsonObject details = new JsonObject();
        details.add("causes", causes);
        String message = paths.size() == 1
                ? "Apply failed with 1 conflict: conflict with " + byManager.firstKey().shown() + ": " + paths.get(0)
                : "Apply failed with " + paths.size() + " conflicts: " + list;
        return new ApiException(409, "Conflict", message, details);
    }

    private static JsonObject cause(Manager manager, String field) {
        JsonObject cause = new JsonObject();
        cause.addProperty("reason", "FieldManagerConflict");
        cause.addProperty("message", "conflict with " + manager.shown());
        cause.addProperty("field", field);
        return cause;
    }
}
