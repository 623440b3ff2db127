package io.kelp.kubeapi.internal.control;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiSettings;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.internal.auth.DefaultRoles;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.StoreFollower;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a Kubernetes cluster does by itself with the objects in its API: the namespaces and roles that each cluster has, deletion
 * of namespaces, garbage collection by owner references, expiry of Events, aggregation of ClusterRoles. All of it happens in the
 * background on a few threads of its own, from the state that is stored, so that nothing is lost when it is interrupted.
 *
 * <p>It relies on {@link Objects} for this: a namespace stays while {@code spec.finalizers} has an entry and goes with the last
 * one, which an update of {@code finalize} may remove; an object that is being deleted stays while it has finalizers.
 */
public final class Housekeeping implements AutoCloseable {

    /** Roles that select roles that select roles: as deep as the default ones go, and some more. */
    private static final int AGGREGATION_DEPTH = 5;

    private final ApiStore store;
    private final ResourceCatalog catalog;
    private final WorkQueue queue = new WorkQueue("kelp-api-upkeep");
    private final Namespaces namespaces;
    private final DefaultRoles roles;
    private final GarbageCollector collector;
    private final EventExpiry events;
    private final RoleAggregation aggregation;
    private StoreFollower follower; // set once by start

    public Housekeeping(ApiStore store, Objects objects, ResourceCatalog catalog, ApiSettings settings) {
        this(store, objects, catalog, settings, InstantSource.system());
    }

    Housekeeping(ApiStore store, Objects objects, ResourceCatalog catalog, ApiSettings settings, InstantSource clock) {
        this.store = store;
        this.catalog = catalog;
        this.namespaces = new Namespaces(store, objects, catalog, new NamespaceDeletion(store, objects, catalog, clock), queue, settings.clusterCa());
        this.roles = new DefaultRoles(objects, catalog);
        this.collector = new GarbageCollector(store, objects, catalog, queue, new OwnerEvents(store, objects, catalog, clock));
        this.events = new EventExpiry(objects, catalog, queue, settings.eventLife(), clock);
        this.aggregation = new RoleAggregation(objects, catalog, queue);
    }

    /**
     * Creates what each cluster has and begins the work. When it returns, the first request can be served. The catalog must
     * already hold the kinds of all CustomResourceDefinitions in the store.
     *
     * @throws ApiException when an object that each cluster has cannot be created
     */
    public void start() throws ApiException {
        namespaces.createInitial();
        roles.reconcile();
        int rounds = 0;
        while (aggregation.run() && rounds < AGGREGATION_DEPTH) {
            rounds++;
        }
        Set<String> collections = new LinkedHashSet<>();
        for (ResourceType type : catalog.all()) {
            if (type.verbs().contains("delete")) {
                collections.add(type.collection());
            }
        }
        follower = new StoreFollower(store, collections, this::changed);
        events.goLive();
        queue.start();
    }

    private void changed(Change change) {
        namespaces.changed(change);
        collector.changed(change);
        events.changed(change);
        aggregation.changed(change);
    }

    /** How many objects wait for the kind of an owner to be served. */
    int unresolved() {
        return collector.unresolved();
    }

    /** How many tasks wait or run; 0 when everything is as it should be. Those that wait for a time count, too. */
    int pending() {
        return queue.size();
    }

    @Override
    public void close() {
        if (follower != null) {
            follower.close();
        }
        queue.close();
    }
}
