package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;

/** Answers requests; what {@link JettyApiTransport} hands them to. */
@FunctionalInterface
public interface ApiService {

    /** Called on a worker, may block for the disk. Streamed answers go on after it has returned. */
    void serve(ApiRequest request, ApiResponse response);
}
