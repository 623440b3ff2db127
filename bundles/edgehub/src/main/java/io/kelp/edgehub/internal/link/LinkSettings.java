package io.kelp.edgehub.internal.link;

import java.time.Duration;

/**
 * The figures that the link works with.
 *
 * @param keepAlive between two keepalive messages (a stock cloud closes after 30 s without one)
 * @param ping between two WebSocket pings
 * @param pongDeadline after a ping, until the link counts as dead when nothing at all has come
 * @param writeDeadline for one message to be taken by the network
 * @param dialDeadline for connecting, TLS and upgrade together
 * @param helloWait how long a Kelp cloud may take to say hello before it is treated as a stock one
 * @param drainTime how long a connection that is being replaced may finish its work
 * @param firstRedial upper bound of the first wait after a loss
 * @param redialCap upper bound of every wait that the cloud did not ask for
 * @param outboxMessages messages that may wait for the network
 * @param outboxCharacters the same in characters
 * @param stockRate messages per second towards a stock cloud
 * @param stockBurst messages at once towards a stock cloud
 * @param kelpRate messages per second towards a Kelp cloud
 * @param kelpBurst messages at once towards a Kelp cloud
 */
public record LinkSettings(Duration keepAlive, Duration ping, Duration pongDeadline, Duration writeDeadline,
        Duration dialDeadline, Duration helloWait, Duration drainTime, Duration firstRedial, Duration redialCap,
        int outboxMessages, long outboxCharacters, int stockRate, int stockBurst, int kelpRate, int kelpBurst) {

    /** What is used without configuration. */
    public static LinkSettings defaults() {
        return new LinkSettings(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(10),
                Duration.ofSeconds(15), Duration.ofSeconds(15), Duration.ofMillis(500), Duration.ofSeconds(5),
                Duration.ofSeconds(1), Duration.ofSeconds(8), 2000, 8_000_000, 30, 60, 2000, 4000);
    }
}
