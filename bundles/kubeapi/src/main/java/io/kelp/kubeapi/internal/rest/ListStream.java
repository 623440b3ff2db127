package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a list in parts; the next one is made when the transport can take it. */
final class ListStream {

    private static final Logger LOG = LoggerFactory.getLogger(ListStream.class);
    private static final int PART = 64 * 1024;

    private final Walk walk;
    private final ListText text;
    private final boolean asStored;
    private final ApiResponse response;
    private final Executor executor;
    private boolean begun;

    /** @param asStored whether the stored bytes are what the client wants */
    ListStream(Walk walk, ListText text, boolean asStored, ApiResponse response, Executor executor) {
        this.walk = walk;
        this.text = text;
        this.asStored = asStored;
        this.response = response;
        this.executor = executor;
    }

    void run() {
        try {
            while (true) {
                boolean more = fill();
                CompletableFuture<Void> written = response.write(ByteBuffer.wrap(text.take()));
                if (!more) {
                    response.end();
                    return;
                }
                if (written.isCompletedExceptionally()) {
                    return; // the client is gone
                }
                if (!written.isDone()) {
                    written.whenCompleteAsync((done, failure) -> {
                        if (failure == null) {
                            run();
                        }
                    }, executor);
                    return;
                }
            }
        } catch (ApiStore.CompactedException e) {
            LOG.info("A list took longer than history is kept and is broken off: {}", e.getMessage());
            response.abort();
        } catch (RuntimeException e) {
            // The answer has begun, so that the client can only be told by breaking it off.
            LOG.error("A list is broken off", e);
            response.abort();
        }
    }

    private boolean fill() throws ApiStore.CompactedException {
        if (!begun) {
            text.begin(walk.limited() ? null : walk.metadata());
            begun = true;
        }
        while (text.size() < PART) {
            if (!walk.advance()) {
                text.end(walk.metadata());
                return false;
            }
            if (asStored) {
                text.addStored(walk.stored());
            } else {
                text.add(walk.object());
            }
        }
        return true;
    }
}
