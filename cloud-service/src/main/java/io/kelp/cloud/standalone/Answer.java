package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiResponse;
import java.io.IOException;

/** A response as the transport sees it. */
interface Answer extends ApiResponse {

    /** Whether {@link #start} has been called. */
    boolean isStarted();

    /** The client is gone, or nothing more can be sent. */
    void fail(IOException problem);
}
