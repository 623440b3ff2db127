package io.kelp.cloud.hub;

import io.kelp.message.Message;

/**
 * Takes the messages of gateways of certain kinds. The hub asks its handlers in order and hands
 * the message to the first that claims it.
 */
public interface UpstreamHandler {

    /** Whether this handler takes messages like this; cheap, without side effect. */
    boolean claims(Message message);

    /**
     * Takes a message as the edge sent it, without {@code node/<node>/} in front. Called on a worker
     * of the hub, serially per gateway; answers go to {@link NodeSession#send}, at once or later.
     */
    void handle(NodeSession session, Message message);
}
