package io.kelp.kubeapi.internal.resource;

import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.List;
import java.util.Set;

/**
 * A kind as it is served in one version.
 *
 * @param group empty for the core group
 * @param verbs as in discovery, in alphabetical order
 * @param subresources for example {@code status}; what is in it may be requested below an object
 * @param storageVersion version that objects are kept in; served versions of a group and plural share one collection
 * @param schema of the whole object
 * @param columns of {@code kubectl get}, the name first
 * @param custom whether a CustomResourceDefinition defines it
 */
public record ResourceType(String group, String version, String plural, String singular, String kind, String listKind,
        boolean namespaced, List<String> shortNames, List<String> categories, List<String> verbs, Set<String> subresources,
        String storageVersion, Schema schema, List<Column> columns, ResourceRules rules, boolean custom) {

    /** What an object has in {@code apiVersion}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** Name of the collection in the store. */
    public String collection() {
        return group + "/" + plural;
    }

    /** {@code pods} or {@code deployments.apps}: how messages name it. */
    public String qualified() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    public boolean hasStatus() {
        return subresources.contains("status");
    }

    /** @param namespace ignored when the kind is not namespaced */
    public ApiStore.Key key(String namespace, String name) {
        return new ApiStore.Key(collection(), namespaced ? namespace : "", name);
    }
}
