package io.kelp.cloud.edge;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.Delivery.Change;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.ObjectSource;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.message.ResourcePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Nodes, pods, config maps and secrets that belong on gateways, followed in the API server and
 * delivered when they change (channel specification, section 6.1).
 *
 * <p>Content of config maps and secrets is kept only while a pod on a gateway refers to them.
 * Safe for use by several threads.
 */
public final class EdgeObjects implements ObjectSource, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeObjects.class);
    private static final int RETRY_SECONDS = 5;

    /** Marks a Node as an edge node, for stock components, too. */
    static final String EDGE_LABEL = "node-role.kubernetes.io/edge";

    private final KubeApi kube;
    private final Delivery delivery;
    private final ObjectCache<HeldObject> nodes;
    private final ObjectCache<String> others;
    private final References references = new References();
    private final List<PodListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, HeldObject> loaded = new ConcurrentHashMap<>();
    private final Set<String> loading = ConcurrentHashMap.newKeySet(); // referred to, content not here yet
    private final List<ObjectCache<?>> followed = new ArrayList<>();
    private volatile ObjectCache<PodView> pods;
    private volatile List<ObjectCache<HeldObject>> referenced = List.of();

    /** Told of the pods bound to gateways; called serially, must not block. */
    @FunctionalInterface
    public interface PodListener {

        /** A pod is new on the node or has changed. */
        void changed(String node, GatewayObject pod);
    }

    public EdgeObjects(KubeApi kube, Delivery delivery) {
        this.kube = kube;
        this.delivery = delivery;
        this.nodes = kube.follow(ApiPath.NODES, Map.of("labelSelector", EDGE_LABEL),
                node -> HeldObject.of("Node", "node", node, true), new NodeChanges());
        this.others = kube.follow(ApiPath.NODES, Map.of("labelSelector", "!" + EDGE_LABEL),
                node -> Json.string(node, "metadata", "name"), null);
        followed.add(nodes);
        followed.add(others);
        // Pods say something only once it is known which Nodes are gateways.
        CompletableFuture.allOf(nodes.synced(), others.synced()).thenRun(this::followPods);
    }

    /** Calls the listener after each change of a pod on a gateway from now on; see also {@link #podsOn}. */
    public void listen(PodListener listener) {
        listeners.add(listener);
    }

    /** The pods bound to a gateway. */
    public Collection<GatewayObject> podsOn(String node) {
        return pods == null ? List.of() : pods.all().stream().filter(pod -> pod.node().equals(node)).map(pod -> pod.held().gatewayObject()).toList();
    }

    /** A pod bound to a gateway. */
    public Optional<GatewayObject> pod(String namespace, String name) {
        return pods == null ? Optional.empty() : pods.get(namespace, name).map(pod -> pod.held().gatewayObject());
    }

    private synchronized void followPods() {
        pods = kube.follow(ApiPath.PODS, Map.of("fieldSelector", "spec.nodeName!="), this::podOnGateway, new PodChanges());
        referenced = List.of(
                kube.follow(ApiPath.CONFIG_MAPS, Map.of(), object -> referable("ConfigMap", "configmap", object), new Changes(Change.INSERT)),
                kube.follow(ApiPath.SECRETS, Map.of("fieldSelector", "type!=helm.sh/release.v1"),
                        object -> referable("Secret", "secret", object), new Changes(Change.UPDATE)));
        followed.add(pods);
        followed.addAll(referenced);
    }

    /**
     * A pod may be seen before the Node that it is bound to: the two watches know nothing of each other. So what is left out are
     * the pods of Nodes that are known to be no gateways.
     */
    private PodView podOnGateway(JsonObject pod) {
        return others.get("", Json.string(pod, "spec", "nodeName")).isEmpty() ? PodView.of(pod) : null;
    }

    private HeldObject referable(String kind, String type, JsonObject object) {
        String key = type + "/" + Json.string(object, "metadata", "namespace") + "/" + Json.string(object, "metadata", "name");
        return HeldObject.of(kind, type, object, references.has(key));
    }

    @Override
    public Collection<String> types() {
        return List.of("node", "pod", "configmap", "secret");
    }

    @Override
    public Collection<GatewayObject> objectsFor(String node) {
        List<GatewayObject> objects = new ArrayList<>();
        nodes.get("", node).ifPresent(n -> objects.add(n.gatewayObject()));
        if (pods != null) {
            pods.all().stream().filter(p -> p.node().equals(node)).forEach(p -> objects.add(p.held().gatewayObject()));
        }
        for (ObjectCache<HeldObject> cache : referenced) {
            for (HeldObject object : cache.all()) {
                HeldObject whole = object.json() != null ? object : loaded.get(object.key());
                if (whole != null && references.nodes(object.key()).contains(node)) {
                    objects.add(whole.gatewayObject());
                }
            }
        }
        return objects;
    }

    @Override
    public boolean isComplete() {
        List<ObjectCache<HeldObject>> caches = referenced;
        ObjectCache<PodView> followedPods = pods;
        return loading.isEmpty() && nodes.synced().isDone() && followedPods != null && followedPods.synced().isDone() && !caches.isEmpty()
                && caches.stream().allMatch(c -> c.synced().isDone());
    }

    /** Where a pod is bound, as far as it is bound to a gateway. */
    Optional<String> nodeOfPod(String namespace, String name) {
        return pods == null ? Optional.empty() : pods.get(namespace, name).map(PodView::node);
    }

    /** Whether this very pod of this account is bound to the node. */
    boolean runsOn(String node, String namespace, String pod, String uid, String account) {
        return pods != null && pods.get(namespace, pod)
                .filter(p -> p.node().equals(node) && p.held().uid().equals(uid) && p.account().equals(account)).isPresent();
    }

    /** Whether a pod on the node refers to the config map or secret. */
    boolean isReferenced(String node, ResourcePath path) {
        return references.nodes(path.type() + "/" + path.namespace() + "/" + path.name()).contains(node);
    }

    static GatewayObject object(String source, String type, String namespace, JsonObject object) {
        return new GatewayObject(source, Json.string(object, "apiVersion"), Json.string(object, "kind"), type,
                namespace.isEmpty() ? ResourcePath.CLUSTER : namespace, Json.string(object, "metadata", "name"),
                Json.string(object, "metadata", "uid"), Json.resourceVersion(object), () -> object);
    }

    /** An object of which only the identity is known, to be deleted. */
    static GatewayObject tombstone(String apiVersion, String kind, String type, String namespace, String name, String uid) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", namespace);
        if (!uid.isEmpty()) {
            metadata.addProperty("uid", uid);
        }
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        return new GatewayObject("edgecontroller", apiVersion, kind, type, namespace, name, uid, "", () -> object);
    }

    @Override
    public synchronized void close() {
        followed.forEach(ObjectCache::close);
    }

    private void refer(PodView pod) {
        references.put(pod).forEach(key -> load(key, pod.node()));
    }

    /**
     * The watch kept only the identity of an object to which nobody referred; now its content is
     * needed. Until it is here the objects of no gateway are complete, so that none is taken for deleted.
     */
    private void load(String key, String node) {
        loading.add(key);
        String[] parts = key.split("/", 3);
        kube.get(ApiPath.core(parts[1], parts[0] + "s", parts[2])).whenComplete((object, failure) -> {
            if (failure == null) {
                boolean isSecret = parts[0].equals("secret");
                HeldObject whole = HeldObject.of(isSecret ? "Secret" : "ConfigMap", parts[0], object, true);
                if (references.has(key)) {
                    loaded.put(key, whole);
                }
                loading.remove(key);
                delivery.deliver(node, isSecret ? Change.UPDATE : Change.INSERT, whole.gatewayObject());
            } else if (Answers.isNotFound(Causes.of(failure))) {
                loading.remove(key); // when it is made, the watch brings it whole
            } else {
                LOG.warn("{} of a pod on {} cannot be read and is tried again: {}", key, node, Causes.of(failure).getMessage());
                CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(() -> load(key, node));
            }
        });
    }

    private final class NodeChanges implements ObjectCache.Listener<HeldObject> {
        @Override
        public void changed(HeldObject before, HeldObject now) {
            delivery.deliver(now.name(), Change.UPDATE, now.gatewayObject());
        }

        @Override
        public void removed(HeldObject last) {
            delivery.nodeRemoved(last.name()); // nothing is sent (section 4.2)
        }
    }

    private final class PodChanges implements ObjectCache.Listener<PodView> {
        @Override
        public void changed(PodView before, PodView now) {
            refer(now);
            GatewayObject pod = now.held().gatewayObject();
            delivery.deliver(now.node(), before == null ? Change.INSERT : Change.UPDATE, pod);
            listeners.forEach(listener -> listener.changed(now.node(), pod));
        }

        @Override
        public void removed(PodView last) {
            references.remove(last).forEach(loaded::remove);
            delivery.deliver(last.node(), Change.DELETE, last.held().gatewayObject());
        }
    }

    private final class Changes implements ObjectCache.Listener<HeldObject> {

        private final Change whenNew;

        private Changes(Change whenNew) {
            this.whenNew = whenNew;
        }

        @Override
        public void changed(HeldObject before, HeldObject now) {
            loaded.remove(now.key()); // what the watch brings from here on is whole and newer
            if (now.json() != null) {
                Change change = before == null ? whenNew : Change.UPDATE;
                references.nodes(now.key()).forEach(node -> delivery.deliver(node, change, now.gatewayObject()));
            }
        }

        @Override
        public void removed(HeldObject last) {
            loaded.remove(last.key());
            loading.remove(last.key());
            GatewayObject gone = last.json() != null ? last.gatewayObject()
                    : tombstone("v1", last.kind(), last.type(), last.namespace(), last.name(), last.uid());
            references.nodes(last.key()).forEach(node -> delivery.deliver(node, Change.DELETE, gone));
        }
    }
}
