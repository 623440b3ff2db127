package io.kelp.cloud.edge;

import java.util.concurrent.CompletionException;

/** What lies behind the failure of a stage. */
final class Causes {

    private Causes() {}

    static Throwable of(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
