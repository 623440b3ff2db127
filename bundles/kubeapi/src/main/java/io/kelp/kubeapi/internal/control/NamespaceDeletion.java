package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Empties a namespace that is being deleted and lets it go: deletes everything in it, says in its status what remains, and
 * removes the finalizer {@code kubernetes} from its spec when nothing does.
 */
final class NamespaceDeletion {

    private static final String FINALIZER = "kubernetes";
    private static final int PAGE = 200;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final ApiStore store;
    private final Objects objects;
    private final ResourceCatalog catalog;
    private final InstantSource clock;

    NamespaceDeletion(ApiStore store, Objects objects, ResourceCatalog catalog, InstantSource clock) {
        this.store = store;
        this.objects = objects;
        this.catalog = catalog;
        this.clock = clock;
    }

    /** @return when to look again, {@code null} when there is nothing left to do */
    Duration run(String name, JsonObject namespace) throws ApiException {
        ResourceType type = catalog.find("", "v1", "namespaces").orElseThrow();
        if (Trees.texts(namespace, "spec", "finalizers").contains(FINALIZER)) {
            setPhase(type, name);
            deleteContent(name);
            SortedMap<String, Integer> resources = new TreeMap<>();
            SortedMap<String, Integer> finalizers = new TreeMap<>();
            forEach(name, (kind, item) -> {
                resources.merge(kind.plural() + "." + kind.group(), 1, Integer::sum);
                ObjectMeta.read(item.value()).finalizers().forEach(finalizer -> finalizers.merge(finalizer, 1, Integer::sum));
            });
            if (!resources.isEmpty()) {
                setConditions(type, name, resources, finalizers);
                return LOOK_AGAIN;
            }
            removeFinalizer(type, name);
        }
        return null;
    }

    /** Deletes what is in a namespace; objects with finalizers or a grace period are still there afterwards. */
    void deleteContent(String namespace) throws ApiException {
        forEach(namespace, (type, item) -> {
            ObjectMeta meta = ObjectMeta.read(item.value());
            if (!meta.deleting()) {
                objects.delete(type, namespace, item.key().name(), meta.uid(), "Background");
            }
        });
    }

    private interface Visitor {
        void visit(ResourceType type, Item item) throws ApiException;
    }

    private void forEach(String namespace, Visitor visitor) throws ApiException {
        List<String> collections = new ArrayList<>();
        for (ResourceType type : catalog.all()) {
            if (!type.namespaced() || !type.verbs().contains("delete") || collections.contains(type.collection())) {
                continue;
            }
            collections.add(type.collection());
            ResourceType stored = catalog.stored(type.group(), type.plural()).orElse(type);
            Key after = null;
            boolean more = true;
            while (more) {
                ApiStore.Page page = page(type.collection(), namespace, after);
                for (Item item : page.items()) {
                    visitor.visit(stored, item);
                    after = item.key();
                }
                more = page.remaining() > 0;
            }
        }
    }

    private ApiStore.Page page(String collection, String namespace, Key after) {
        try {
            return store.list(collection, namespace, after, PAGE, 0);
        } catch (CompactedException e) {
            throw new IllegalStateException("The newest state is never gone", e);
        }
    }

    private void setPhase(ResourceType type, String name) throws ApiException {
        objects.update(type, "", name, "status", GarbageCollector.MANAGER, current -> {
            if (Trees.text(current, "status", "phase").equals("Terminating")) {
                return null;
            }
            JsonObject status = Trees.object(current, "status");
            status.addProperty("phase", "Terminating");
            current.add("status", status);
            return current;
        });
    }

    private void removeFinalizer(ResourceType type, String name) throws ApiException {
        objects.update(type, "", name, "finalize", GarbageCollector.MANAGER, current -> {
            List<String> finalizers = new ArrayList<>(Trees.texts(current, "spec", "finalizers"));
            if (!finalizers.remove(FINALIZER)) {
                return null;
            }
            JsonObject spec = Trees.object(current, "spec");
            if (finalizers.isEmpty()) {
                spec.remove("finalizers");
            } else {
                spec.add("finalizers", Trees.array(finalizers));
            }
            current.add("spec", spec);
            return current;
        });
    }

    private void setConditions(ResourceType type, String name, SortedMap<String, Integer> resources, SortedMap<String, Integer> finalizers)
            throws ApiException {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        List<String> remaining = new ArrayList<>();
        resources.forEach((resource, count) -> remaining.add(resource + " has " + count + " resource instances"));
        List<String> finalizing = new ArrayList<>();
        finalizers.forEach((finalizer, count) -> finalizing.add(finalizer + " in " + count + " resource instances"));
        List<JsonObject> wanted = List.of(
                condition("NamespaceDeletionDiscoveryFailure", false, now, "ResourcesDiscovered", "All resources successfully discovered"),
                condition("NamespaceDeletionGroupVersionParsingFailure", false, now, "ParsedGroupVersions",
                        "All legacy kube types successfully parsed"),
                condition("NamespaceDeletionContentFailure", false, now, "ContentDeleted",
                        "All content successfully deleted, may be waiting on finalization"),
                condition("NamespaceContentRemaining", true, now, "SomeResourcesRemain",
                        "Some resources are remaining: " + String.join(", ", remaining)),
                finalizing.isEmpty()
                        ? condition("NamespaceFinalizersRemaining", false, now, "ContentHasNoFinalizers", "All content-preserving finalizers finished")
                        : condition("NamespaceFinalizersRemaining", true, now, "SomeFinalizersRemain",
                                "Some content in the namespace has finalizers remaining: " + String.join(", ", finalizing)));
        objects.update(type, "", name, "status", GarbageCollector.MANAGER, current -> {
            List<JsonObject> before = Trees.objects(current, "status", "conditions");
            JsonArray after = new JsonArray();
            boolean changed = false;
            for (JsonObject condition : wanted) {
                JsonObject same = before.stream().filter(old -> isSame(old, condition)).findFirst().orElse(null);
                changed |= same == null;
                after.add(same == null ? condition : same);
            }
            JsonObject status = Trees.object(current, "status");
            status.add("conditions", after);
            current.add("status", status);
            return changed ? current : null;
        });
    }

    private static boolean isSame(JsonObject condition, JsonObject other) {
        return List.of("type", "status", "reason", "message").stream()
                .allMatch(member -> Trees.text(condition, member).equals(Trees.text(other, member)));
    }

    private static JsonObject condition(String type, boolean status, String now, String reason, String message) {
        JsonObject condition = new JsonObject();
        condition.addProperty("type", type);
        condition.addProperty("status", status ? "True" : "False");
        condition.addProperty("lastTransitionTime", now);
        condition.addProperty("reason", reason);
        condition.addProperty("message", message);
        return condition;
    }
}
