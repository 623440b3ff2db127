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
 * <p>Objects are in memory and on disk; the copy outlives link and reboot. Safe for use by several
 * threads; no method blocks. Objects handed out must not be changed.
 */
@ProviderType
public interface MetaStore {

    /**
     * One object.
     *
     * @param type its type in resource paths, for example {@code pod}
     * @param namespace its namespace, {@code null} as a word for cluster-scoped objects
     */
    record MetaObject(String type, String namespace, String name, String uid, String resourceVersion, JsonObject json) {}

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

    /** Told of changes. */
    @ConsumerType
    interface Listener {
        void changed(MetaObject object);

        void removed(MetaObject last);

        /** All objects that were there when the watch began have been told; called once. */
        default void complete() {}
    }
}
