package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Takes a definition away: first its objects, then its finalizer, with which it goes itself. */
final class DefinitionRemoval {

    /** Other definitions wait for the same thread. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ResourceType type;
    private final Objects objects;
    private final InstantSource clock;
    private final String manager;

    DefinitionRemoval(ResourceType type, Objects objects, InstantSource clock, String manager) {
        this.type = type;
        this.objects = objects;
        this.clock = clock;
        this.manager = manager;
    }

    /**
     * @param again called when objects with finalizers are left, to be looked at later
     * @param goOn called when the turn was too short for all objects
     */
    void advance(Definition definition, Runnable again, Runnable goOn) throws ApiException {
        if (!definition.hasFinalizer()) {
            return;
        }
        Optional<ResourceType> instances = definition.isEstablished() ? definition.stored(definition.acceptedNames(), clock) : Optional.empty();
        if (instances.isPresent()) {
            say(definition, true, "InstanceDeletionInProgress", "CustomResource deletion is in progress");
            if (!delete(instances.get())) {
                goOn.run();
                return;
            }
            if (isAnyLeft(instances.get())) {
                again.run();
                return;
            }
        }
        say(definition, false, "InstanceDeletionCompleted", "removed all instances");
        objects.update(type, "", definition.name(), "", manager, current -> {
            JsonArray rest = new JsonArray();
            for (JsonElement finalizer : Members.array(Members.object(current, "metadata"), "finalizers")) {
                if (!finalizer.getAsString().equals(DefinitionRules.FINALIZER)) {
                    rest.add(finalizer);
                }
            }
            current.getAsJsonObject("metadata").add("finalizers", rest);
            return current;
        });
    }

    /** @return whether the turn was long enough for all */
    private boolean delete(ResourceType instances) throws ApiException {
        List<ApiStore.Key> keys = new ArrayList<>();
        objects.forEach(instances, "", object -> {
            if (!Members.object(object, "metadata").has("deletionTimestamp")) {
                keys.add(key(instances, object));
            }
        });
        long end = System.nanoTime() + TURN_NANOS;
        for (ApiStore.Key key : keys) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            objects.delete(instances, key.namespace(), key.name(), "", "");
        }
        return true;
    }

    private boolean isAnyLeft(ResourceType instances) {
        boolean[] any = new boolean[1];
        objects.forEach(instances, "", object -> any[0] = true);
        return any[0];
    }

    private static ApiStore.Key key(ResourceType instances, JsonObject object) {
        JsonObject metadata = Members.object(object, "metadata");
        return instances.key(Members.text(metadata, "namespace"), Members.text(metadata, "name"));
    }

    private void say(Definition definition, boolean terminating, String reason, String message) throws ApiException {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        objects.update(type, "", definition.name(), "status", manager, current -> {
            JsonObject before = current.deepCopy();
            Conditions.set(current.getAsJsonObject("status"), "Terminating", terminating, reason, message, now);
            return current.equals(before) ? null : current;
        });
    }
}
