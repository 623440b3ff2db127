package io.kelp.cloud.hub;

import java.time.Duration;

/**
 * Limits and periods of the hub.
 *
 * @param maxSessions gateways at this replica; more are refused with 503
 * @param connectsPerSecond new sessions; more are told to come back later
 * @param keepalive a gateway that sends no keepalive for this long is disconnected
 * @param ackTimeout until an unacknowledged object is sent again
 * @param sends of one object to a stock edge before others get their turn
 * @param window objects in flight to a Kelp gateway, at most
 * @param scan between comparisons of what a stock edge has with what it should have
 * @param maxMessageBytes of one message from a gateway; the API server takes no more than 3 MiB
 * @param messagesPerSecond from one gateway, sustained; a faster one is read more slowly
 * @param inboundBytes read from a gateway and not yet handled; beyond, it is not read
 * @param outboundBytes waiting to be written to a gateway; beyond, messages are dropped and the gateway cut off
 * @param writeTimeout for one message on top of a second per 10 KB; a slower reader is cut off
 * @param inventoryTimeout until a Kelp gateway must have sent its inventory
 * @param workers that handle messages of gateways
 */
public record HubSettings(int maxSessions, int connectsPerSecond, Duration keepalive, Duration ackTimeout, int sends, int window,
        Duration scan, int maxMessageBytes, int messagesPerSecond, int inboundBytes, int outboundBytes,
        Duration writeTimeout, Duration inventoryTimeout, int workers) {

    public static HubSettings defaults() {
        return new HubSettings(2000, 100, Duration.ofSeconds(30), Duration.ofSeconds(5), 5, 32, Duration.ofSeconds(5),
                4 << 20, 1000, 1 << 20, 4 << 20, Duration.ofSeconds(15), Duration.ofSeconds(10), 4);
    }
}
