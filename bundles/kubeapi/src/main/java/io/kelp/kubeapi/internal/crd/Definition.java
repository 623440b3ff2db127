package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.flag;
import static io.kelp.kubeapi.internal.crd.Members.object;
import static io.kelp.kubeapi.internal.crd.Members.objects;
import static io.kelp.kubeapi.internal.crd.Members.text;
import static io.kelp.kubeapi.internal.crd.Members.texts;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaReader;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A CustomResourceDefinition as it is stored.
 *
 * @param revision of the version that this is
 */
record Definition(String name, long revision, JsonObject tree) {

    /** In the order in which Kubernetes lists them. */
    private static final List<String> VERBS = List.of("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch");

    String group() {
        return text(object(tree, "spec"), "group");
    }

    JsonObject names() {
        return object(object(tree, "spec"), "names");
    }

    JsonObject acceptedNames() {
        return object(object(tree, "status"), "acceptedNames");
    }

    boolean isEstablished() {
        return Conditions.isTrue(object(tree, "status"), "Established");
    }

    boolean isTerminating() {
        return object(tree, "metadata").has("deletionTimestamp");
    }

    boolean hasFinalizer() {
        return texts(object(tree, "metadata"), "finalizers").contains(DefinitionRules.FINALIZER);
    }

    /** The served versions under the given names. */
    List<ResourceType> types(JsonObject names, InstantSource clock) {
        List<ResourceType> types = new ArrayList<>();
        for (JsonObject version : objects(object(tree, "spec"), "versions")) {
            if (flag(version, "served")) {
                types.add(type(version, names, clock));
            }
        }
        return types;
    }

    /** The type in the version that objects are kept in. */
    Optional<ResourceType> stored(JsonObject names, InstantSource clock) {
        return objects(object(tree, "spec"), "versions").stream().filter(version -> flag(version, "storage")).findFirst()
                .map(version -> type(version, names, clock));
    }

    private ResourceType type(JsonObject version, JsonObject names, InstantSource clock) {
        Set<String> subresources = new LinkedHashSet<>();
        if (object(version, "subresources").has("status")) {
            subresources.add("status");
        }
        if (object(version, "subresources").has("scale")) {
            subresources.add("scale");
        }
        List<String> selectable = objects(version, "selectableFields").stream().map(field -> text(field, "jsonPath")).toList();
        String kind = text(names, "kind");
        String deprecation = text(version, "deprecationWarning");
        String warning = !flag(version, "deprecated") ? "" : deprecation.isEmpty() ? group() + "/" + text(version, "name") + " " + kind + " is deprecated"
                : deprecation;
        String plural = text(names, "plural");
        return new ResourceType(group(), text(version, "name"), plural, text(names, "singular"), kind, text(names, "listKind"),
                text(object(tree, "spec"), "scope").equals("Namespaced"), texts(names, "shortNames"), texts(names, "categories"), VERBS, subresources,
                storageVersion(), SchemaReader.read(object(object(version, "schema"), "openAPIV3Schema")), CustomColumns.of(version, clock),
                new CustomRules(plural + "." + group(), selectable, ReplicaScale.of(version), warning, isTerminating()), true);
    }

    private String storageVersion() {
        return objects(object(tree, "spec"), "versions").stream().filter(version -> flag(version, "storage")).map(version -> text(version, "name"))
                .findFirst().orElse("");
    }
}
