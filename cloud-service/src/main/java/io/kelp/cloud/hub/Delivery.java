package io.kelp.cloud.hub;

import io.kelp.message.Message;

/** Brings objects and messages to gateways, connected or not. Safe for use by several threads; no method blocks. */
public interface Delivery {

    /** What happened to an object, as the operation of the message says it. */
    enum Change { INSERT, UPDATE, DELETE }

    /**
     * An object that belongs on the node is new, has changed or is gone. Delivered with
     * acknowledgement and repetition; a newer version replaces a waiting one of the same uid.
     */
    void deliver(String node, Change change, GatewayObject object);

    /**
     * Sends an object that belongs on the node again although it was acknowledged before: the edge
     * asks for it because it has lost its store.
     */
    void redeliver(String node, GatewayObject object);

    /** Sends a message without acknowledgement if the node is connected here; dropped otherwise. */
    boolean send(String node, Message message);

    /** Sends an answer that the edge acknowledges and the hub repeats until then (configmap, secret, …; specification section 5.2). */
    void answerReliably(NodeSession session, Message answer, GatewayObject object);

    boolean isConnected(String node);

    /** Whether the node is connected here and speaks Kelp's additions to the protocol. */
    default boolean isKelp(String node) {
        return false;
    }

    /** Whether the node is connected here and has acknowledged the newest version of an object that was delivered to it. */
    default boolean hasTaken(String node, String uid) {
        return false;
    }

    /** Name of this replica, for annotation {@code kelp.io/cloud-replica} of Nodes whose gateways are connected to it; empty when it has none. */
    default String replica() {
        return "";
    }

    /** The Node object has been deleted: ends its session and forgets what it has acknowledged. */
    default void nodeRemoved(String node) {}
}
