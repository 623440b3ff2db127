package io.kelp.kubeapi.internal.patch;

import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.Arrays;
import java.util.List;

/** Fields that nobody can own. */
final class ResetFields {

    /** What the server sets and what names the object. */
    static final FieldSet UNTRACKED = set("apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace",
            "metadata.creationTimestamp", "metadata.selfLink", "metadata.uid", "metadata.clusterName", "metadata.generation",
            "metadata.managedFields", "metadata.resourceVersion");

    private static final FieldSet STATUS = set("status");
    private static final FieldSet SPEC = set("spec");
    private static final FieldSet POD_STATUS = set("spec", "metadata.deletionTimestamp", "metadata.ownerReferences");
    private static final FieldSet METADATA_SPEC = set("metadata", "spec");

    private ResetFields() {
    }

    /** What a write to the object, or to its status, leaves as it is. */
    static FieldSet of(ResourceType type, String subresource) {
        if (!type.hasStatus()) {
            return FieldSet.EMPTY;
        }
        if (!subresource.equals("status")) {
            return STATUS;
        }
        if (type.group().equals("apiextensions.k8s.io")) {
            return METADATA_SPEC;
        }
        return type.group().isEmpty() && type.plural().equals("pods") ? POD_STATUS : SPEC;
    }

    private static FieldSet set(String... paths) {
        FieldSet set = new FieldSet();
        for (String path : paths) {
            List<String> elements = Arrays.stream(path.split("\\.")).map(PathElement::field).toList();
            set.add(elements);
        }
        return set;
    }
}
