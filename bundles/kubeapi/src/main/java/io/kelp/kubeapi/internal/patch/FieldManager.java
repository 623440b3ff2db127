package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import io.kelp.kubeapi.internal.resource.ResourceType;

/** Field ownership as Kubernetes keeps it. */
public final class FieldManager implements FieldManagement {

    private static final String METADATA = "metadata";
    private static final String MANAGED_FIELDS = "managedFields";
    /** Owns what was there before the first manager applied something, when nobody had been noted. */
    private static final String BEFORE_FIRST_APPLY = "before-first-apply";

    @Override
    public JsonObject apply(JsonObject live, JsonObject applied, ResourceType type, String manager, boolean force, String subresource,
            String now) throws ApiException {
        JsonObject wanted = checked(applied, type);
        JsonObject current = live == null ? empty(type) : withoutManagedFields(live);
        FieldType fieldType = FieldType.of(type);
        FieldSet reset = ResetFields.of(type, subresource);
        ApplyMerge merge = new ApplyMerge(fieldType, reset);

        ManagedFields managed = live == null ? new ManagedFields() : stored(live);
        if (managed.isEmpty() && live != null) {
            Manager before = new Manager(BEFORE_FIRST_APPLY, false, type.apiVersion(), subresource);
            merge.update(ZeroObjects.of(type), current, type.apiVersion(), managed, before, ResetFields.UNTRACKED, now);
        }
        managed.changeOthers(null, fields -> SchemaChange.reconcile(fields, fieldType));
        String problem = TypeCheck.problem(wanted, fieldType, false);
        if (!problem.isEmpty()) {
            throw notTyped(wanted, type, problem);
        }
        Manager self = new Manager(manager, true, "", subresource);
        try {
            ApplyMerge.Result result = apply(merge, current, wanted, type, managed, self, force, fieldType);
            return finish(result, current, wanted, self, now);
        } catch (IllegalItemException e) {
            throw notTyped(wanted, type, e.getMessage());
        }
    }

    private static ApplyMerge.Result apply(ApplyMerge merge, JsonObject live, JsonObject wanted, ResourceType type, ManagedFields managed,
            Manager self, boolean force, FieldType fieldType) throws ApiException, IllegalItemException {
        try {
            return merge.apply(live, wanted, type.apiVersion(), managed.copy(), self, force);
        } catch (Conflicts conflicts) {
            if (!LastApplied.concerns(self)) {
                throw conflicts.toApiException();
            }
            FieldSet allowed = LastApplied.unchanged(live, fieldType);
            if (!conflicts.fields().difference(allowed).isEmpty()) {
                throw conflicts.without(allowed).toApiException();
            }
        }
        try {
            return merge.apply(live, wanted, type.apiVersion(), managed.copy(), self, true);
        } catch (Conflicts e) {
            throw new IllegalStateException("forced, and still in conflict", e);
        }
    }

    private static JsonObject finish(ApplyMerge.Result result, JsonObject live, JsonObject wanted, Manager self, String now) {
        ManagedFields managed = result.managed();
        Ownership own = managed.get(self);
        if (own != null) {
            Ownership tracked = own.with(own.fields().difference(ResetFields.UNTRACKED));
            managed.put(self, result.object() == null ? tracked : tracked.at(now));
        }
        JsonObject object = (result.object() == null ? live : result.object()).deepCopy();
        if (LastApplied.concerns(self)) {
            LastApplied.renew(object, wanted);
        }
        setManagedFields(object, managed);
        return object;
    }

    @Override
    public void track(JsonObject before, JsonObject after, ResourceType type, String manager, String subresource, String now)
            throws ApiException {
        ManagedFields managed = start(before, after, type, subresource);
        if (managed.isEmpty() && before != null) {
            setManagedFields(after, managed); // nobody is noted, as the client or an earlier one wished
            return;
        }
        JsonObject old = before == null ? ZeroObjects.of(type) : before;
        FieldType fieldType = FieldType.of(type);
        managed.changeOthers(null, fields -> SchemaChange.reconcile(fields, fieldType));
        new ApplyMerge(fieldType, ResetFields.of(type, subresource)).update(old, after, type.apiVersion(), managed,
                new Manager(manager, false, type.apiVersion(), subresource), ResetFields.UNTRACKED, now);
        managed.cap();
        setManagedFields(after, managed);
    }

    /** What the client says, if it says something that can be understood; else what is stored. */
    private static ManagedFields start(JsonObject before, JsonObject after, ResourceType type, String subresource) throws ApiException {
        JsonElement sent = managedFields(after);
        if (subresource.isEmpty() && sent != null && !sent.isJsonNull()) {
            if (!(sent instanceof JsonArray list)) {
                throw ApiException.badRequest("metadata.managedFields must be a list");
            }
            if (list.isEmpty() && !type.custom() || list.size() == 1 && list.get(0) instanceof JsonObject only && only.isEmpty()) {
                return new ManagedFields();
            }
            ManagedFields managed = decodeOrEmpty(list);
            if (!managed.isEmpty()) {
                return managed;
            }
        }
        return before == null ? new ManagedFields() : decodeOrEmpty(managedFields(before));
    }

    /** Kubernetes takes what cannot be understood as not said. */
    private static ManagedFields decodeOrEmpty(JsonElement managedFields) {
        try {
            return ManagedFields.decode(managedFields);
        } catch (IllegalArgumentException e) {
            return new ManagedFields();
        }
    }

    private static ManagedFields stored(JsonObject live) throws ApiException {
        try {
            return ManagedFields.decode(managedFields(live));
        } catch (IllegalArgumentException e) {
            throw new ApiException(500, "", "failed to decode managed fields: " + e.getMessage(), null);
        }
    }

    private static JsonObject checked(JsonObject applied, ResourceType type) throws ApiException {
        String apiVersion = text(applied, "apiVersion");
        String kind = text(applied, "kind");
        if (!apiVersion.equals(type.apiVersion()) || !kind.equals(type.kind())) {
            throw ApiException.badRequest("invalid object type: " + (apiVersion.contains("/") ? "" : "/") + apiVersion + ", Kind=" + kind);
        }
        JsonElement managed = managedFields(applied);
        if (managed != null && !managed.isJsonNull()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
        return applied;
    }

    private static ApiException notTyped(JsonObject applied, ResourceType type, String problem) {
        JsonObject metadata = applied.get(METADATA) instanceof JsonObject object ? object : new JsonObject();
        return new ApiException(500, "", "failed to create typed patch object (" + text(metadata, "namespace") + "/" + text(metadata, "name")
                + "; " + (type.group().isEmpty() ? "/" : "") + type.apiVersion() + ", Kind=" + type.kind() + "): " + problem, null);
    }

    private static String text(JsonObject object, String name) {
        return object.get(name) instanceof JsonPrimitive value ? value.getAsString() : "";
    }

    private static JsonObject empty(ResourceType type) {
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", type.apiVersion());
        object.addProperty("kind", type.kind());
        object.add(METADATA, new JsonObject());
        return object;
    }

    private static JsonElement managedFields(JsonObject object) {
        return object.get(METADATA) instanceof JsonObject metadata ? metadata.get(MANAGED_FIELDS) : null;
    }

    /** Shares all branches but the metadata. */
    private static JsonObject withoutManagedFields(JsonObject object) {
        if (managedFields(object) == null) {
            return object;
        }
        JsonObject copy = new JsonObject();
        object.entrySet().forEach(entry -> copy.add(entry.getKey(), entry.getValue()));
        JsonObject metadata = new JsonObject();
        object.getAsJsonObject(METADATA).entrySet().forEach(entry -> metadata.add(entry.getKey(), entry.getValue()));
        metadata.remove(MANAGED_FIELDS);
        copy.add(METADATA, metadata);
        return copy;
    }

    private static void setManagedFields(JsonObject object, ManagedFields managed) {
        if (!(object.get(METADATA) instanceof JsonObject metadata)) {
            return; // refused later: every object has metadata
        }
        metadata.remove(MANAGED_FIELDS);
        if (!managed.isEmpty()) {
            metadata.add(MANAGED_FIELDS, managed.encode());
        }
    }
}
