package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.internal.control.ObjectMeta.Owner;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells users of owner references that cannot work because the owner lives in another namespace: an Event on the dependent. */
final class OwnerEvents {

    private static final Logger LOG = LoggerFactory.getLogger(OwnerEvents.class);
    private static final String COMPONENT = "garbage-collector-controller";
    private static final int NAMESPACES = 1000;

    private final ApiStore store;
    private final Objects objects;
    private final ResourceCatalog catalog;
    private final InstantSource clock;

    OwnerEvents(ApiStore store, Objects objects, ResourceCatalog catalog, InstantSource clock) {
        this.store = store;
        this.objects = objects;
        this.catalog = catalog;
        this.clock = clock;
    }

    /** Reports if an object of the owner's name and uid is in another namespace; looks at the first 1000 namespaces. */
    void reportIfElsewhere(ResourceType type, Key key, String uid, Owner owner, ResourceType ownerType) {
        if (!ownerType.namespaced()) {
            return;
        }
        List<ApiStore.Item> namespaces;
        try {
            namespaces = store.list("/namespaces", "", null, NAMESPACES, 0).items();
        } catch (ApiStore.CompactedException e) {
            throw new IllegalStateException("The newest state is never gone", e);
        }
        for (ApiStore.Item namespace : namespaces) {
            if (store.get(ownerType.key(namespace.key().name(), owner.name()))
                    .filter(item -> ObjectMeta.read(item.value()).uid().equals(owner.uid())).isPresent()) {
                report(type, key, uid, owner);
                return;
            }
        }
    }

    void report(ResourceType type, Key key, String uid, Owner owner) {
        Optional<ResourceType> events = catalog.find("", "v1", "events");
        if (events.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        String namespace = key.namespace().isEmpty() ? "default" : key.namespace();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", key.name() + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano()));
        metadata.addProperty("namespace", namespace);
        JsonObject involved = new JsonObject();
        involved.addProperty("kind", type.kind());
        if (!key.namespace().isEmpty()) {
            involved.addProperty("namespace", key.namespace());
        }
        involved.addProperty("name", key.name());
        involved.addProperty("uid", uid);
        involved.addProperty("apiVersion", type.apiVersion());
        JsonObject source = new JsonObject();
        source.addProperty("component", COMPONENT);
        JsonObject event = new JsonObject();
        event.addProperty("apiVersion", "v1");
        event.addProperty("kind", "Event");
        event.add("metadata", metadata);
        event.add("involvedObject", involved);
        event.addProperty("reason", "OwnerRefInvalidNamespace");
        event.addProperty("message", "ownerRef [" + owner.apiVersion() + "/" + owner.kind() + ", namespace: " + key.namespace() + ", name: "
                + owner.name() + ", uid: " + owner.uid() + "] does not exist in namespace \"" + key.namespace() + "\"");
        event.add("source", source);
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        event.addProperty("firstTimestamp", time);
        event.addProperty("lastTimestamp", time);
        event.addProperty("count", 1);
        event.addProperty("type", "Warning");
        event.add("eventTime", JsonNull.INSTANCE);
        event.addProperty("reportingComponent", COMPONENT);
        event.addProperty("reportingInstance", "");
        try {
            objects.create(events.get(), event, GarbageCollector.MANAGER);
        } catch (ApiException e) {
            // Only a hint for users; collection goes on without it.
            LOG.debug("No Event for the owner reference of {}: {}", key, e.getMessage());
        }
    }
}
