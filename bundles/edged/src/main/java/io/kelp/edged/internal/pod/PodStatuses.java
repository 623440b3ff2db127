package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the statuses of pods to the cloud. The newest status per pod wins; it is kept while there is
 * no link. Safe for use by several threads; does not block.
 */
public interface PodStatuses {

    /**
     * The status of a pod has changed.
     *
     * @param status whole status ({@code PodStatus}); must not be changed afterwards
     * @param annotations to be set on the pod along with it, for example {@code kelp.io/ports}
     */
    void report(Pod pod, JsonObject status, Map<String, String> annotations);

    /** The pod has ended here and the cloud wants it gone: reports the last status, then deletes it with grace period 0 until the cloud confirms. */
    void ended(Pod pod, JsonObject status);

    /** Nothing is to be reported of this pod any more. */
    void forget(String uid);

    /** All pods are known now: forgets static ones whose manifests were removed while the gateway was off. Deletions of others go on. */
    default void retainStatic(Set<String> uids) {}

    /** The status reported last, also before the gateway's last restart. */
    Optional<JsonObject> last(String uid);
}
