package io.kelp.kubeapi;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Takes the answer to one request. {@link #start} once, then any number of {@link #write}, one at a time, then {@link #end}.
 * The transport implements it; no method blocks.
 */
public interface ApiResponse {

    /** @param headers as they are to be written; without {@code Content-Length} they are sent at once */
    void start(int status, Map<String, String> headers);

    /**
     * Sends a part of the body at once.
     *
     * @return completes when the transport can take the next part, fails with {@link java.io.IOException} when the client is gone
     */
    CompletableFuture<Void> write(ByteBuffer part);

    /** Ends the answer behind what is being written; nothing may follow. */
    void end();

    /** Breaks the connection off: for an answer that cannot be completed. */
    void abort();

    /** Completes when the answer has ended or the client is gone, whatever comes first. */
    CompletableFuture<Void> closed();
}
