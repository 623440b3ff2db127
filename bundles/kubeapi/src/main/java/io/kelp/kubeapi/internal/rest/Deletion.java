package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes objects. One with finalizers, with a grace period, or a namespace only gets {@code deletionTimestamp}; whoever
 * takes the last finalizer away makes it go.
 */
final class Deletion {

    /** Nobody can do without these. */
    /** The kind that its node deletes: it is marked even when it can go at once. */
    private static final String PODS = "/pods";

    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private static final int ATTEMPTS = 1000;
    /** A century, in seconds: a date after the year 9999 could not be written. */
    private static final long MOST_GRACE = 36_525L * 86_400;

    private final ApiStore store;
    private final Forms forms;
    private final Admission admission;

    Deletion(ApiStore store, Forms forms, Admission admission) {
        this.store = store;
        this.forms = forms;
        this.admission = admission;
    }

    /** Whether nothing keeps an object that is being deleted. */
    static boolean isOver(ResourceType type, JsonObject object) {
        return Meta.deleting(object) && Meta.finalizers(object).isEmpty() && Meta.number(object, "deletionGracePeriodSeconds") == 0
                && !heldByNamespace(type, object);
    }

    private static boolean heldByNamespace(ResourceType type, JsonObject object) {
        return type.collection().equals(Admission.NAMESPACES) && !Json.array(Json.object(object, "spec"), "finalizers").isEmpty();
    }

    /** @return empty when there is no such object */
    Optional<Write.Result> delete(ResourceType type, String namespace, String name, DeleteOptions options, boolean dryRun) throws ApiException {
        if (type.collection().equals(Admission.NAMESPACES) && IMMORTAL.contains(name)) {
            throw ApiException.forbidden(type.qualified(), name, "this namespace may not be deleted");
        }
        ApiStore.Key key = type.key(namespace, name);
        for (int attempt = 1;; attempt++) {
            Optional<ApiStore.Item> item = store.get(key);
            if (item.isEmpty()) {
                return Optional.empty();
            }
            try {
                return Optional.of(attempt(type, item.get(), options, dryRun));
            } catch (ApiStore.ConflictException e) {
                if (attempt == ATTEMPTS) {
                    throw ApiException.modified(type.qualified(), name);
                }
            }
        }
    }

    private Write.Result attempt(ResourceType type, ApiStore.Item item, DeleteOptions options, boolean dryRun)
            throws ApiException, ApiStore.ConflictException {
        JsonObject old = forms.read(type, item.value());
        check(type, item, old, options);
        JsonObject next = old.deepCopy();
        mark(type, next, options);
        boolean gone = !Meta.deleting(next) || isOver(type, next);
        if (!dryRun && gone) {
            store.delete(item.key(), item.revision(), Stored.form(Json.read(item.value())));
        } else if (!dryRun && !next.equals(old)) {
            ApiStore.Item written = store.write(item.key(), item.revision(), Stored.form(forms.toStored(type, next)));
            Meta.of(next).addProperty("resourceVersion", Long.toString(written.revision()));
        }
        return new Write.Result(next, false, gone);
    }

    private static void check(ResourceType type, ApiStore.Item item, JsonObject old, DeleteOptions options) throws ApiException {
        String name = item.key().name();
        String uid = Meta.text(old, "uid");
        String kind = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
        if (!options.uid().isEmpty() && !options.uid().equals(uid)) {
            throw ApiException.conflict(kind, name, "the UID in the precondition (" + options.uid() + ") does not match the UID in record (" + uid
                    + "). The object might have been deleted and then recreated");
        }
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals(Long.toString(item.revision()))) {
            throw ApiException.conflict(kind, name, "the ResourceVersion in the precondition (" + options.resourceVersion()
                    + ") does not match the ResourceVersion in record (" + item.revision() + "). The object might have been modified");
        }
    }

    /** Puts in what tells that the object is to go; leaves it unmarked when it can go at once, unless it is a pod. */
    private void mark(ResourceType type, JsonObject next, DeleteOptions options) {
        setFinalizers(next, options.propagation());
        if (!Meta.deleting(next)) {
            type.rules().prepareForDelete(next, admission.now());
        }
        boolean marked = Meta.deleting(next);
        if (type.collection().equals(Admission.NAMESPACES)) {
            if (!marked) {
                Meta.of(next).addProperty("deletionTimestamp", admission.now());
            }
            phase(next);
            return;
        }
        if (marked) {
            shorten(next, options.gracePeriodSeconds());
            return;
        }
        type.rules().prepareForDelete(next, admission.now());
        if (Meta.deleting(next)) {
            return;
        }
        long grace = Math.min(MOST_GRACE, Math.max(0, type.rules().gracePeriodSeconds(next, options.gracePeriodSeconds())));
        if (grace > 0 || !Meta.finalizers(next).isEmpty() || type.collection().equals(PODS)) {
            JsonObject metadata = Meta.of(next);
            metadata.addProperty("deletionTimestamp", admission.now(grace));
            metadata.addProperty("deletionGracePeriodSeconds", grace);
            if (metadata.has("generation")) {
                metadata.addProperty("generation", Meta.number(next, "generation") + 1);
            }
        }
    }

    private static void phase(JsonObject namespace) {
        JsonObject status = Json.object(namespace, "status");
        if (status == null) {
            status = new JsonObject();
            namespace.add("status", status);
        }
        status.addProperty("phase", "Terminating");
    }

    /** A deletion that is under way can only be made quicker. */
    private static void shorten(JsonObject next, Long seconds) {
        JsonObject metadata = Meta.of(next);
        if (seconds == null || !(metadata.get("deletionGracePeriodSeconds") instanceof JsonPrimitive was) || seconds >= was.getAsLong()) {
            return;
        }
        long shorter = Math.max(0, seconds);
        Instant due = Instant.parse(Json.text(metadata, "deletionTimestamp"));
        metadata.addProperty("deletionTimestamp", due.minusSeconds(was.getAsLong()).plusSeconds(shorter).toString());
        metadata.addProperty("deletionGracePeriodSeconds", shorter);
    }

    private static void setFinalizers(JsonObject next, String propagation) {
        if (propagation.isEmpty()) {
            return;
        }
        List<String> finalizers = new ArrayList<>(Meta.finalizers(next));
        String wanted = propagation.equals("Orphan") ? Meta.ORPHAN : propagation.equals("Foreground") ? Meta.FOREGROUND : "";
        finalizers.removeIf(f -> (f.equals(Meta.ORPHAN) || f.equals(Meta.FOREGROUND)) && !f.equals(wanted));
        if (!wanted.isEmpty() && !finalizers.contains(wanted)) {
            finalizers.add(wanted);
        }
        Meta.setFinalizers(next, finalizers);
    }
}
