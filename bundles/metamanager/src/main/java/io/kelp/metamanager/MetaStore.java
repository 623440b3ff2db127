package io.kelp.metamanager;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The gateway's copy of the Kubernetes objects that concern it: its Node, its pods and what they refer to.
 *
 * <p>Objects are in memory and on disk; the copy outlives link and reboot. On disk Secrets and tokens
 * are encrypted. Safe for use by several threads; no method blocks. Objects handed out must not be
 * changed. Stages complete on the thread of the meta manager, so what hangs on them must be short.
 */
@ProviderType
public interface MetaStore {

    /**
     * One object.
     *
     * @param type its type in resource paths, for example {@code pod}
     * @param namespace its namespace, {@code null} as a word for cluster-scoped objects
     */
    record MetaObject(String type, String namespace, String name, String uid, String resourceVersion, JsonObject json) {

        /** Without the content, which may be secret. */
        @Override
        public String toString() {
            return namespace + "/" + type + "/" + name;
        }
    }

    Optional<MetaObject> get(String type, String namespace, String name);

    /** All objects of a type, in the order of namespace and name. */
    List<MetaObject> list(String type);

    /**
     * Calls the listener for each object of the type that is there now and for each change after
     * it, serially. Close to end it.
     */
    AutoCloseable watch(String type, Listener listener);

    /** Stores an object that an answer of the cloud contained; completes when it is durable. */
    CompletionStage<Void> put(String type, String namespace, String name, JsonObject json);

    /**
     * Stores an object in the place of the one that was given out, for example as an answer of the cloud shows it.
     *
     * @return whether it was stored and is durable: not if {@code before} has been changed or removed meanwhile
     */
    CompletionStage<Boolean> replace(MetaObject before, JsonObject json);

    /**
     * An object that a pod refers to: the copy, else the cloud is asked (channel specification 6.3, 7.4)
     * and its answer stored. From then on the cloud pushes its changes.
     *
     * @param type {@code configmap} or {@code secret}
     * @return empty when the cloud says that there is no such object; fails with {@link MetaException}
     *     when the cloud refuses or cannot be asked and there is no copy
     */
    CompletionStage<Optional<MetaObject>> fetch(String type, String namespace, String name);

    /**
     * A token of a service account. It is asked for once, kept on disk, and asked for again when 80 % of
     * its life or 24 h are over; as long as the cloud cannot be asked the old one is given, also when it
     * has expired.
     *
     * @param request a {@code TokenRequest} (authentication.k8s.io/v1) with {@code spec.boundObjectRef}
     *     naming the pod; the token goes when that pod does
     * @return fails with {@link MetaException} when the cloud refuses or cannot be asked and there is no token
     */
    CompletionStage<String> token(String namespace, String account, JsonObject request);

    /** Told of changes. */
    @ConsumerType
    interface Listener {
        void changed(MetaObject object);

        void removed(MetaObject last);

        /** All objects that were there when the watch began have been told; called once. */
        default void complete() {}
    }
}
