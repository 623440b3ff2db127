package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Changes objects: the common way of replacement, patch and apply. */
final class Update {

    /** Does not count as a change of what was wanted, and has no manager. */
    /** What a server does to a pod by itself; nobody owns these fields, and they are no new generation. */
    private static final Set<String> UNMANAGED = Set.of("binding", PodEviction.SUBRESOURCE);

    /** Writes that may change the status; with the last two the server itself puts conditions there. */
    private static final Set<String> WITH_STATUS = Set.of("status", "binding", "eviction");

    /** Says what an object should be. */
    interface Step {

        /**
         * @param current a tree of its own
         * @return taken in, in the version of the type; {@code null} to leave the object as it is
         */
        JsonObject apply(JsonObject current) throws ApiException;
    }

    /** Kinds whose updates have to name the version they are based on. */
    private static final Set<String> CONDITIONAL = Set.of("coordination.k8s.io/leases", "node.k8s.io/runtimeclasses",
            "apiextensions.k8s.io/customresourcedefinitions");

    private static final int ATTEMPTS = 1000;

    private final ApiStore store;
    private final Forms forms;
    private final Admission admission;
    private final FieldManagement fields;
    private final LargeObjects large;

    Update(ApiStore store, Forms forms, Admission admission, FieldManagement fields, LargeObjects large) {
        this.large = large;
        this.store = store;
        this.forms = forms;
        this.admission = admission;
        this.fields = fields;
    }

    /**
     * @param replaced whether the object comes whole from the client, so that its uid and resourceVersion are conditions
     * @return empty when there is no such object; what is stored already when nothing changes
     */
    Optional<Write.Result> update(ResourceType type, String namespace, String name, Write write, boolean replaced, Step step)
            throws ApiException {
        ApiStore.Key key = type.key(namespace, name);
        for (int attempt = 1;; attempt++) {
            Optional<ApiStore.Item> item = store.get(key);
            if (item.isEmpty()) {
                return Optional.empty();
            }
            boolean turn = large.take(item.get().value().length);
            try {
                JsonObject old = forms.read(type, item.get().value());
                JsonObject next = step.apply(old.deepCopy());
                if (next == null) {
                    return Optional.of(new Write.Result(old, false, false));
                }
                return Optional.of(attempt(type, key, item.get(), old, next, write, replaced));
            } catch (ApiStore.ConflictException e) {
                if (attempt == ATTEMPTS) {
                    throw ApiException.modified(type.qualified(), name);
                }
            } finally {
                large.giveBack(turn);
            }
        }
    }

    private Write.Result attempt(ResourceType type, ApiStore.Key key, ApiStore.Item item, JsonObject old, JsonObject next, Write write,
            boolean replaced) throws ApiException, ApiStore.ConflictException {
        checkConditions(type, key, item, old, next, replaced);
        inherit(type, old, next, write);
        ObjectSize.check(next);
        boolean unmanaged = UNMANAGED.contains(write.subresource());
        if (!write.applied() && !unmanaged) {
            fields.track(old, next, type, write.manager(), write.subresource(), admission.now());
        }
        if (write.subresource().equals("status") && keepsMetadata(type)) {
            JsonElement managed = Meta.of(next).get("managedFields");
            next.add("metadata", Meta.of(old).deepCopy());
            Meta.of(next).remove("managedFields");
            if (managed != null) {
                Meta.of(next).add("managedFields", managed);
            }
        }
        type.rules().prepareForUpdate(next, old, write.subresource());
        if (!unmanaged) {
            count(type, old, next);
        }
        admission.validate(type, next, old, write);
        if (sameButTimes(old, forms.throughStored(type, next))) {
            return new Write.Result(old, false, false);
        }
        ObjectSize.check(next);
        boolean gone = Deletion.isOver(type, next);
        if (!write.dryRun()) {
            if (gone) {
                store.delete(key, item.revision(), Stored.form(Json.read(item.value())));
            } else {
                ApiStore.Item written = store.write(key, item.revision(), Stored.form(forms.toStored(type, next)));
                Meta.of(next).addProperty("resourceVersion", Long.toString(written.revision()));
                if (type.version().equals(type.storageVersion())) {
                    return new Write.Result(next, false, false, written.value());
                }
            }
        }
        return new Write.Result(forms.throughStored(type, next), false, gone);
    }

    private static void checkConditions(ResourceType type, ApiStore.Key key, ApiStore.Item item, JsonObject old, JsonObject next, boolean replaced)
            throws ApiException {
        String uid = Meta.text(next, "uid");
        String oldUid = Meta.text(old, "uid");
        if (replaced && !uid.isEmpty() && !uid.equals(oldUid)) {
            String path = (type.custom() ? type.group() + "/" : "") + type.plural() + "/" + (type.namespaced() ? key.namespace() + "/" : "") + key.name();
            throw ApiException.conflict(type.qualified(), key.name(), "StorageError: invalid object, Code: 4, Key: /registry/" + path
                    + ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + oldUid);
        }
        String version = Meta.text(next, "resourceVersion");
        if (version.isEmpty() || version.equals("0")) {
            if (replaced && (type.custom() || CONDITIONAL.contains(type.collection()))) {
                throw ApiException.invalid(type.group(), type.plural(), key.name(),
                        List.of(FieldError.invalid("metadata.resourceVersion", "0", "must be specified for an update")));
            }
        } else if (!version.equals(Long.toString(item.revision()))) {
            Revisions.parse(version, problem -> new ApiException(500, "", problem, null));
            throw ApiException.modified(type.qualified(), key.name());
        }
        Meta.of(next).addProperty("resourceVersion", Long.toString(item.revision()));
    }

    private static void inherit(ResourceType type, JsonObject old, JsonObject next, Write write) {
        Meta.take(next, old, "creationTimestamp");
        Meta.take(next, old, "generation");
        for (String field : List.of("uid", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            if (!Meta.of(next).has(field)) {
                Meta.take(next, old, field);
            }
        }
        if (type.namespaced()) {
            Meta.of(next).addProperty("namespace", Meta.text(old, "namespace"));
        }
        if (!WITH_STATUS.contains(write.subresource()) && type.hasStatus()) {
            take(next, old, "status");
        } else if (write.subresource().equals("status")) {
            Set<String> own = Set.of("apiVersion", "kind", "metadata", "status");
            List.copyOf(next.keySet()).stream().filter(member -> !own.contains(member)).forEach(next::remove);
            old.entrySet().stream().filter(member -> !own.contains(member.getKey())).forEach(m -> next.add(m.getKey(), m.getValue().deepCopy()));
        }
    }

    /** Whether writing the status leaves all metadata as it is. */
    private static boolean keepsMetadata(ResourceType type) {
        return type.custom() || type.group().equals("apiextensions.k8s.io");
    }

    private static void take(JsonObject next, JsonObject old, String member) {
        if (old.has(member)) {
            next.add(member, old.get(member).deepCopy());
        } else {
            next.remove(member);
        }
    }

    private static void count(ResourceType type, JsonObject old, JsonObject next) {
        boolean counts = type.custom() || type.rules().countsGeneration();
        if (counts && !Json.same(what(type, old), what(type, next))) {
            Meta.of(next).addProperty("generation", Meta.number(old, "generation") + 1);
        }
    }

    /** What the generation counts changes of. */
    private static JsonObject what(ResourceType type, JsonObject object) {
        JsonObject what = new JsonObject();
        object.entrySet().forEach(member -> what.add(member.getKey(), member.getValue()));
        what.remove("metadata");
        if (type.hasStatus()) {
            what.remove("status");
        }
        return what;
    }

    /** Whether nothing changes, as long as nobody counts when managers wrote last. */
    private static boolean sameButTimes(JsonObject old, JsonObject next) {
        if (old.size() != next.size()) {
            return false;
        }
        for (Map.Entry<String, JsonElement> member : old.entrySet()) {
            if (!member.getKey().equals("metadata") && !Json.same(member.getValue(), next.get(member.getKey()))) {
                return false;
            }
        }
        JsonObject before = Meta.of(old);
        JsonObject after = Meta.of(next);
        return before.equals(after) || withoutTimes(before).equals(withoutTimes(after));
    }

    private static JsonObject withoutTimes(JsonObject metadata) {
        JsonObject copy = metadata.deepCopy();
        for (JsonElement manager : Json.array(copy, "managedFields")) {
            if (manager instanceof JsonObject entry) {
                entry.remove("time");
            }
        }
        return copy;
    }
}
