package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What of {@code metav1.ListOptions} matters to a watch.
 *
 * @param initial whether what exists is told first
 * @param marksInitialEnd whether a bookmark tells that this is done
 * @param after revision to go on after; the newest when {@code initial}
 * @param endsAt on the clock of {@link System#nanoTime}
 */
record WatchOptions(boolean initial, boolean marksInitialEnd, long after, boolean bookmarks, long endsAt) {

    private static final long SECOND = 1_000_000_000L;
    private static final long MIN_SECONDS = 30 * 60;

    /** Kubernetes sends one about every minute. */
    private static final long BOOKMARK_SECONDS = 60;

    static WatchOptions of(ApiRequest request, long newest) throws ApiException {
        ListOptions.checkVersionMatch(request, true);
        String version = request.parameter("resourceVersion");
        long wanted = Revisions.parse(version,
                problem -> new ApiException(500, "", "resourceVersion: Invalid value: " + MetadataRules.quoted(version) + ": " + problem, null));
        boolean bookmarks = flag(request, "allowWatchBookmarks");
        boolean asked = request.has("sendInitialEvents");
        boolean initial = asked ? flag(request, "sendInitialEvents") : wanted == 0;
        long seconds = ListOptions.number(request, "timeoutSeconds");
        if (seconds <= 0) {
            seconds = ThreadLocalRandom.current().nextLong(MIN_SECONDS, 2 * MIN_SECONDS);
        }
        long ends = System.nanoTime() + Math.min(seconds, 365L * 24 * 3600) * SECOND;
        return new WatchOptions(initial, asked && initial && bookmarks, initial || wanted == 0 ? newest : wanted, bookmarks, ends);
    }

    private static boolean flag(ApiRequest request, String name) {
        String value = request.parameter(name);
        return request.has(name) && !value.equals("false") && !value.equals("0");
    }

    long nextBookmark(long now) {
        return now + BOOKMARK_SECONDS * SECOND;
    }
}
