package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiRequest;

/** Which requests stay open. */
final class Watches {

    private Watches() {}

    /** Whether the answer goes on until somebody ends it. */
    static boolean isWatch(ApiRequest request) {
        String watch = request.parameter("watch");
        return request.method().equals("GET") && (request.has("watch") && !watch.equals("0") && !watch.equalsIgnoreCase("false")
                || request.path().contains("/watch/"));
    }
}
