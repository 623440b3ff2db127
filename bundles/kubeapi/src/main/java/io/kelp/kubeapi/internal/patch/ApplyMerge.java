package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Server-side apply on bare objects (without managedFields), after the published design of Kubernetes' structured merge: what
 * is applied is laid over what is there; what the manager applied last time, no longer applies and nobody else owns is
 * removed.
 */
final class ApplyMerge {

    /**
     * The outcome.
     *
     * @param object {@code null} when nothing changes
     */
    record Result(JsonObject object, ManagedFields managed) {}

    private final FieldType type;
    private final FieldSet ignored;

    /** @param ignored fields that the request cannot change, whatever it says */
    ApplyMerge(FieldType type, FieldSet ignored) {
        this.type = type;
        this.ignored = ignored;
    }

    /** @param managed is changed, also when conflicts end it */
    Result apply(JsonObject live, JsonObject applied, String apiVersion, ManagedFields managed, Manager manager, boolean force)
            throws Conflicts, IllegalItemException {
        JsonObject merged = TypedMerge.merge(live, applied, type).getAsJsonObject();
        FieldSet fields = OwnedFields.of(applied, type).recursiveDifference(ignored);
        Ownership last = managed.get(manager);
        managed.put(manager, new Ownership(fields, apiVersion, last == null ? null : last.time()));
        if (last != null) {
            merged = prune(merged, managed, last.fields());
        }
        Comparison comparison = Comparison.of(live, merged, type);
        takeOver(comparison.without(ignored), managed, manager, force);
        return new Result(comparison.isSame() ? null : merged, managed);
    }

    private JsonObject prune(JsonObject merged, ManagedFields managed, FieldSet last) throws IllegalItemException {
        FieldSet all = OwnedFields.of(merged, type).withNamedFields(type);
        FieldSet lastNamed = last.withNamedFields(type);
        FieldSet kept = owned(FieldRemoval.remove(merged, lastNamed, type));

        FieldSet stillOwned = FieldSet.EMPTY;
        for (var entry : managed.entries().entrySet()) {
            stillOwned = stillOwned.union(entry.getValue().fields());
        }
        FieldSet unwanted = all.difference(kept.union(stillOwned.withNamedFields(type)));
        FieldSet rest = owned(FieldRemoval.remove(merged, unwanted, type));

        // What only hangs below something that goes, and was not applied last time, stays where it is.
        FieldSet gone = all.difference(rest).intersection(lastNamed);
        return FieldRemoval.remove(merged, gone, type) instanceof JsonObject object ? object : new JsonObject();
    }

    private FieldSet owned(JsonElement object) throws IllegalItemException {
        return OwnedFields.of(object, type).withNamedFields(type);
    }

    /** Takes what changes away from others. */
    private static void takeOver(Comparison comparison, ManagedFields managed, Manager manager, boolean force) throws Conflicts {
        FieldSet changed = comparison.modified().union(comparison.added());
        SortedMap<Manager, FieldSet> conflicts = new TreeMap<>();
        managed.entries().forEach((other, ownership) -> {
            FieldSet conflict = other.equals(manager) ? FieldSet.EMPTY : ownership.fields().intersection(changed);
            if (!conflict.isEmpty()) {
                conflicts.put(other, conflict);
            }
        });
        if (!force && !conflicts.isEmpty()) {
            throw new Conflicts(conflicts);
        }
        managed.changeOthers(manager, fields -> fields.difference(changed).difference(comparison.removed()));
    }

    /**
     * An ordinary write.
     *
     * @param now its time
     */
    void update(JsonObject before, JsonObject after, String apiVersion, ManagedFields managed, Manager manager, FieldSet untracked, String now) {
        Comparison comparison = Comparison.of(before, after, type).without(ignored);
        FieldSet changed = comparison.modified().union(comparison.added());
        managed.changeOthers(null, fields -> fields.difference(changed).difference(comparison.removed()));
        FieldSet taken = changed.difference(untracked);
        if (!taken.isEmpty()) {
            Ownership previous = managed.get(manager);
            FieldSet all = previous == null ? taken : taken.union(previous.fields());
            managed.put(manager, new Ownership(all, apiVersion, now));
        }
    }
}
