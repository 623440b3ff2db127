package io.kelp.edged;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Kubernetes Events (core/v1) about objects of the cloud. They are joined and limited as kubelet's are, kept while there is no
 * link, and delivered in their order. Safe for use by several threads; no method blocks.
 */
@ProviderType
public interface ObjectEvents {

    /** Whether something went as it should. */
    enum Type { NORMAL, WARNING }

    /** The object that an Event is about. @param uid may be empty when unknown */
    record ObjectReference(String apiVersion, String kind, String namespace, String name, String uid) {}

    /**
     * Records an Event.
     *
     * @param reason in CamelCase, at most 128 characters
     * @param message one sentence, cut after 1024 characters
     */
    void record(ObjectReference object, Type type, String reason, String message);
}
