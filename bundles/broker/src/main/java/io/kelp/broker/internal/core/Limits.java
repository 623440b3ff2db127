package io.kelp.broker.internal.core;

/**
 * What clients may cost. Everything a client can make the broker keep is bounded by one of these.
 *
 * @param maxConnections clients connected at once
 * @param maxPacketBytes longest packet, fixed header included
 * @param maxSessions sessions, connected or not; a new one drives out the persistent session that has been away longest
 * @param maxQueuedMessages messages of QoS 1 and 2 that wait for one client; the oldest not yet sent gives way to a new one
 * @param maxQueuedBytes the same in bytes, those in flight included
 * @param maxInflight messages of QoS 1 and 2 sent to one client and not acknowledged
 * @param maxRetained retained messages; further topics are refused
 * @param maxRetainedBytes the same in bytes
 * @param maxSubscriptionsPerClient filters per client; further ones are answered with failure
 * @param maxSubscriptions filters of all clients
 * @param maxTopicLevels levels of a topic name or filter
 * @param maxOutputBytes bytes that wait for one client's socket; above it messages of QoS 0 are dropped, those of
 *     QoS 1 and 2 wait in the session's queue
 * @param maxBufferedBytes bytes that wait for all clients together; above it only clients without a backlog get more
 */
public record Limits(int maxConnections, int maxPacketBytes, int maxSessions, int maxQueuedMessages, long maxQueuedBytes,
        int maxInflight, int maxRetained, long maxRetainedBytes, int maxSubscriptionsPerClient, int maxSubscriptions,
        int maxTopicLevels, int maxOutputBytes, long maxBufferedBytes) {

    /** What every client may have waiting, however much the others have. */
    static final int RESERVED_BYTES = 8_192;
}
