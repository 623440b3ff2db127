package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.Column;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CustomResourceDefinitions: the kind itself, and what its objects define. A definition's versions are in the catalog before the write
 * that changed it is answered; its conditions follow, written by a thread of its own. When a definition is deleted, its objects go first.
 *
 * <p>Safe for use by several threads.
 */
public final class CustomTypes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CustomTypes.class);
    private static final String COLLECTION = "apiextensions.k8s.io/customresourcedefinitions";
    private static final String SCHEMAS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
    private static final String MANAGER = "kube-apiserver";
    private static final int PAGE = 100;
    private static final int MOST_DEFINITIONS = 2000;
    private static final long AGAIN_MILLIS = 1000;

    private final InstantSource clock;
    private final Map<String, Schema> structs = DefinitionShape.schemas();
    private final ResourceType type;
    private final Map<String, Definition> definitions = new HashMap<>(); // guarded by itself
    private final Set<String> awaited = ConcurrentHashMap.newKeySet(); // names that are looked at again anyway
    private final ScheduledThreadPoolExecutor thread;
    private ApiStore store;
    private ResourceCatalog catalog;
    private Objects objects;
    private ApiStore.Registration registration;
    private volatile boolean closed;

    public CustomTypes(StructuralRules schemas, InstantSource clock) {
        this.clock = clock;
        this.type = new ResourceType("apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition",
                "CustomResourceDefinitionList", false, List.of("crd", "crds"), List.of("api-extensions"),
                List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"), Set.of("status"), "v1",
                structs.get(SCHEMAS + "CustomResourceDefinition"), List.of(CustomColumns.name(), new Column("Created At", "date", "", "When the definition was created.", 0,
                        object -> object.getAsJsonObject("metadata").get("creationTimestamp"))), new DefinitionRules(schemas), false);
        this.thread = new ScheduledThreadPoolExecutor(1, r -> {
            Thread t = new Thread(r, "kelp-kubeapi-definitions");
            t.setDaemon(true);
            return t;
        });
        thread.setRemoveOnCancelPolicy(true);
    }

    /** The kind CustomResourceDefinition, for the built-in part of the catalog. */
    public ResourceType definitionType() {
        return type;
    }

    /** The schemas that the kind is made of, by the names that OpenAPI documents have for them. They hold themselves; not to be hashed or compared. */
    public Map<String, Schema> structs() {
        return structs;
    }

    /**
     * Serves what the stored definitions define, and from now on follows changes. After this every stored version is in the catalog.
     * To be called once.
     */
    public void start(ApiStore store, ResourceCatalog catalog, Objects objects) {
        this.store = store;
        this.catalog = catalog;
        this.objects = objects;
        this.registration = store.listen(this::changed);
        load();
    }

    private void load() {
        ApiStore.Key after = null;
        ApiStore.Page page;
        do {
            try {
                page = store.list(COLLECTION, "", after, PAGE, 0);
            } catch (ApiStore.CompactedException e) {
                throw new IllegalStateException("The newest state of the store cannot be gone", e);
            }
            for (ApiStore.Item item : page.items()) {
                put(item.key().name(), item.revision(), item.value());
                after = item.key();
            }
        } while (page.remaining() > 0 && !page.items().isEmpty());
    }

    private void changed(List<ApiStore.Change> changes) {
        for (ApiStore.Change change : changes) {
            if (!change.key().collection().equals(COLLECTION)) {
                continue;
            }
            if (change.kind() == ApiStore.Kind.DELETED) {
                remove(change.key().name(), change.revision());
            } else {
                put(change.key().name(), change.revision(), change.value());
            }
        }
    }

    private void put(String name, long revision, byte[] value) {
        JsonObject object = JsonParser.parseString(new String(value, StandardCharsets.UTF_8)).getAsJsonObject();
        synchronized (definitions) {
            Definition before = definitions.get(name);
            if (before != null && before.revision() >= revision) {
                return;
            }
            Definition now = new Definition(name, revision, object);
            definitions.put(name, now);
            serve(now);
        }
        later(name, 0);
    }

    private void remove(String name, long revision) {
        List<String> others;
        synchronized (definitions) {
            Definition gone = definitions.get(name);
            if (gone == null || gone.revision() >= revision) {
                return;
            }
            definitions.remove(name);
            catalog.replaceCustom(name, List.of());
            others = definitions.values().stream().filter(other -> other.group().equals(gone.group())).map(Definition::name).toList();
        }
        others.forEach(other -> later(other, 0)); // names have become free
    }

    /** Serves a definition at once if it will be accepted anyway: its conditions only say so. Guarded by definitions. */
    private void serve(Definition definition) {
        NameAcceptance acceptance = NameAcceptance.of(definition, definitions.values());
        boolean served = definition.isEstablished() || acceptance.complete() && definitions.size() <= MOST_DEFINITIONS;
        catalog.replaceCustom(definition.name(), served ? definition.types(acceptance.names(), clock) : List.of());
    }

    private void later(String name, long millis) {
        boolean waits = millis > 0;
        if (closed || waits && !awaited.add(name)) {
            return; // each change would begin a row of looks of its own that never ends
        }
        try {
            thread.schedule(() -> {
                if (waits) {
                    awaited.remove(name);
                }
                settle(name);
            }, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closing, the conditions of {} are left for the next start", name);
        }
    }

    /** How many looks at definitions are to come. */
    int pending() {
        return thread.getQueue().size();
    }

    private void settle(String name) {
        Definition definition;
        Definition[] all;
        synchronized (definitions) {
            definition = definitions.get(name);
            all = definitions.values().toArray(Definition[]::new);
        }
        if (definition == null || closed) {
            return;
        }
        try {
            if (definition.isTerminating()) {
                new DefinitionRemoval(type, objects, clock, MANAGER).advance(definition, () -> later(name, AGAIN_MILLIS), () -> later(name, 0));
            } else {
                writeConditions(definition, List.of(all));
            }
        } catch (ApiException | ApiStore.StoreException e) {
            if (!closed) {
                LOG.warn("Conditions of CustomResourceDefinition {} could not be written, trying again: {}", name, e.getMessage());
                later(name, AGAIN_MILLIS);
            }
        } catch (RuntimeException e) {
            // An executor would drop it without a word.
            LOG.error("CustomResourceDefinition {} could not be looked after", name, e);
        }
    }

    private void writeConditions(Definition definition, List<Definition> all) throws ApiException {
        JsonObject wanted = status(definition, all);
        if (wanted.equals(Members.object(definition.tree(), "status"))) {
            return;
        }
        objects.update(type, "", definition.name(), "status", MANAGER, current -> {
            // Decided anew, since somebody may have been faster.
            JsonObject status = status(new Definition(definition.name(), 0, current), all);
            if (status.equals(Members.object(current, "status")) || Members.object(current, "metadata").has("deletionTimestamp")) {
                return null;
            }
            current.add("status", status);
            return current;
        });
        for (Definition other : all) {
            if (other.group().equals(definition.group()) && !other.isEstablished() && !other.name().equals(definition.name())) {
                later(other.name(), 0); // names may have become free
            }
        }
    }

    private JsonObject status(Definition definition, List<Definition> all) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        JsonObject status = Members.object(definition.tree(), "status").deepCopy();
        NameAcceptance acceptance = NameAcceptance.of(definition, all);
        status.add("acceptedNames", acceptance.names());
        boolean accepted = acceptance.complete();
        Conditions.set(status, "NamesAccepted", accepted, accepted ? "NoConflicts" : acceptance.reason(),
                accepted ? "no conflicts found" : acceptance.message(), now);
        if (!Conditions.isTrue(status, "Established")) {
            Conditions.set(status, "Established", accepted, accepted ? "InitialNamesAccepted" : "NotAccepted",
                    accepted ? "the initial names have been accepted" : "not all names are accepted", now);
        }
        return status;
    }

    /** Ends following; what is served stays in the catalog. */
    @Override
    public void close() {
        closed = true;
        if (registration != null) {
            registration.close();
        }
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("The thread that writes conditions of CustomResourceDefinitions did not end within 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
