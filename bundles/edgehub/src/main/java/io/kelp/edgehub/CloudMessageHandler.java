package io.kelp.edgehub;

import io.kelp.message.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes the cloud's messages of certain kinds. Registered as a service by the bundle that owns the
 * kind; of several claimants the one with the highest service ranking is asked.
 *
 * <p>Each handler has a bounded queue and is called serially on a thread of the hub; different
 * handlers are called independently of each other. While no handler claims a message it stays
 * unacknowledged, and the cloud is asked for it again when one comes.
 */
@ConsumerType
public interface CloudMessageHandler {

    /** Whether this handler owns messages of this group, source and resource type. Called often: cheap, without side effect. */
    boolean claims(Message message);

    /**
     * Takes a message.
     *
     * @return completes when the content is stored, which is when the hub acknowledges it; fails when
     *     it could not be stored or is malformed, which the hub reports to the cloud instead
     */
    CompletionStage<Void> handle(Message message);

    /**
     * The objects of the cloud that this handler has stored. Sent at connect, so that the cloud can
     * tell what is missing, stale or deleted.
     */
    default List<StoredObject> inventory() {
        return List.of();
    }

    /** The link is up; what the cloud does not know yet may be sent now. */
    default void connected(CloudLink.Peer peer) {}

    /** The link is down. */
    default void disconnected() {}

    /**
     * One object of the cloud as the gateway has it.
     *
     * @param apiVersion for example {@code devices.kubeedge.io/v1beta1}; may be empty when unknown
     * @param type its type in resource paths, for example {@code device}
     * @param namespace its namespace, {@code null} as a word for cluster-scoped objects
     * @param name its name
     * @param uid its uid
     * @param resourceVersion the resourceVersion that is stored
     */
    record StoredObject(String apiVersion, String type, String namespace, String name, String uid, String resourceVersion) {}
}
