package io.kelp.kubeapi.internal.control;

import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiSettings;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.MemoryApiStore;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import io.kelp.kubeapi.internal.rest.StoredObjects;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A store in memory with objects and somebody who keeps house. */
final class TestCluster implements AutoCloseable {

    final MemoryApiStore store;
    final ResourceCatalog catalog = TestTypes.catalog();
    final Objects objects;
    final Housekeeping housekeeping;

    TestCluster() throws ApiException {
        this(new MemoryApiStore(), Duration.ofHours(1), InstantSource.system());
    }

    TestCluster(MemoryApiStore store, Duration eventLife, InstantSource clock) throws ApiException {
        this.store = store;
        objects = new StoredObjects(store, catalog, new TestTypes.NoManagers(), new TestTypes.NoSchemas(), (user, type, namespace, object, old) -> { }, clock);
        housekeeping = new Housekeeping(store, objects, catalog,
                new ApiSettings("v1.34.4+kelp", null, "issuer", "the CA", Map.of(), Duration.ofMinutes(5), eventLife), clock);
        housekeeping.start();
    }

    JsonObject create(ResourceType type, String namespace, String name) throws ApiException {
        return create(type, namespace, name, "{}");
    }

    /** @param more members of the metadata */
    JsonObject create(ResourceType type, String namespace, String name, String more) throws ApiException {
        JsonObject metadata = TestTypes.json(more);
        metadata.addProperty("name", name);
        if (type.namespaced()) {
            metadata.addProperty("namespace", namespace);
        }
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", type.apiVersion());
        object.addProperty("kind", type.kind());
        object.add("metadata", metadata);
        return objects.create(type, object, "test");
    }

    boolean delete(ResourceType type, String namespace, String name, String propagation) throws ApiException {
        return objects.delete(type, namespace, name, "", propagation);
    }

    boolean exists(ResourceType type, String namespace, String name) {
        return store.get(type.key(namespace, name)).isPresent();
    }

    JsonObject get(ResourceType type, String namespace, String name) {
        return objects.get(type, namespace, name).orElseThrow();
    }

    void removeFinalizers(ResourceType type, String namespace, String name) throws ApiException {
        objects.update(type, namespace, name, "", "test", current -> {
            current.getAsJsonObject("metadata").remove("finalizers");
            return current;
        });
    }

    boolean has(Key key) {
        return store.get(key).isPresent();
    }

    static String owner(JsonObject owner, boolean blocks) {
        return "{'apiVersion':'" + Trees.text(owner, "apiVersion") + "','kind':'" + Trees.text(owner, "kind") + "','name':'"
                + Trees.text(owner, "metadata", "name") + "','uid':'" + Trees.text(owner, "metadata", "uid") + "','blockOwnerDeletion':" + blocks + "}";
    }

    static String owned(JsonObject owner) {
        return "{'ownerReferences':[" + owner(owner, true) + "]}";
    }

    static void await(Supplier<String> what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                fail("Not after 15 s: " + what.get());
            }
            Thread.onSpinWait();
        }
    }

    static void await(String what, BooleanSupplier condition) {
        await(() -> what, condition);
    }

    @Override
    public void close() {
        housekeeping.close();
    }
}
