package io.kelp.cloud.standalone;

/**
 * Limits of the API port.
 *
 * @param bind address to listen on
 * @param port 0 for any free one
 * @param maxConnections connections at a time; more wait
 * @param workers requests being answered at a time, watches not counted
 * @param waitingRequests requests that may wait for a worker; more are answered 429
 * @param bodyBytes bodies held in memory at a time, bytes; more are answered 429
 */
public record TransportSettings(String bind, int port, int maxConnections, int workers, int waitingRequests, long bodyBytes) {

    public static TransportSettings defaults(String bind, int port) {
        return new TransportSettings(bind, port, 3000, 32, 2000, 16L << 20);
    }
}
