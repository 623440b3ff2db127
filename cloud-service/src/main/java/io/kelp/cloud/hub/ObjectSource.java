package io.kelp.cloud.hub;

import io.kelp.message.Message;
import java.util.Collection;
import java.util.List;

/**
 * Knows which objects of certain types belong on which gateway. The hub compares that with what a
 * gateway has (its inventory, or its ObjectSyncs) and delivers the difference.
 *
 * <p>Called by several threads; answers from memory.
 */
public interface ObjectSource {

    /** Types in resource paths that this source knows everything about, for example {@code device}. */
    Collection<String> types();

    /** All objects of these types that belong on the node now. */
    Collection<GatewayObject> objectsFor(String node);

    /** Whether {@link #objectsFor} can be believed: the caches behind it are filled. */
    boolean isComplete();

    /**
     * Messages without acknowledgement that a gateway needs before its objects when it connects, for
     * example membership; empty when there are none.
     */
    default List<Message> onConnect(NodeSession session) {
        return List.of();
    }
}
