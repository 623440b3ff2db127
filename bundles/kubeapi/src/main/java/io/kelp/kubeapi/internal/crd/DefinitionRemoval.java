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

/** Takes a definition away: first its objects, then its finalizer, with which it goes itself. */
final class DefinitionRemoval {

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

    /** @param again called when objects with finalizers are left, to be looked at later */
    void advance(Definition definition, Runnable again) throws ApiException {
        if (!definition.hasFinalizer()) {
            return;
        }
        Optional<ResourceType> instances = definition.isEstablished() ? definition.stored(definition.acceptedNames(), clock) : Optional.empty();
        if (instances.isPresent()) {
            say(definition, true, "InstanceDeletionInProgress", "CustomResource deletion is in progress");
            int left = delete(instances.get());
            if (left > 0) {
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

    /** @return how many objects are still there */
    private int delete(ResourceType instances) throws ApiException {
        List<ApiStore.Key> keys = new ArrayList<>();
        objects.forEach(instances, "", object -> keys.add(key(instances, object)));
        for (ApiStore.Key key : keys) {
            objects.delete(instances, key.namespace(), key.name(), "", "");
        }
        int[] left = new int[1];
        objects.forEach(instances, "", object -> left[0]++);
        return left[0];
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
