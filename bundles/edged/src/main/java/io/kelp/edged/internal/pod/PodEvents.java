package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;

/** Takes what is to become Events. Safe for use by several threads; does not block. */
public interface PodEvents {

    /**
     * An Event about a pod.
     *
     * @param container its part of {@code spec.containers{name}} or {@code spec.initContainers{name}} for
     *     {@code involvedObject.fieldPath}; empty for the pod as a whole
     * @param type {@code Normal} or {@code Warning}
     * @param reason kubelet's, for example {@code Pulling}
     */
    void pod(Pod pod, String container, String type, String reason, String message);

    /** An Event about the Node. */
    void node(String type, String reason, String message);

    /** An Event about some other object, of which apiVersion, kind, namespace, name and uid are given. */
    void object(JsonObject reference, String type, String reason, String message);
}
