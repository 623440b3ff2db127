package io.kelp.kubeapi.internal.resource;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The kinds that are served. Readers get immutable snapshots; one writer at a time replaces the kinds of a
 * CustomResourceDefinition. Safe for use by several threads; no method blocks.
 */
public final class ResourceCatalog {

    private record Snapshot(long edition, List<ResourceType> all, Map<String, ResourceType> byPath) {}

    private final List<ResourceType> builtIn;
    private final Map<String, List<ResourceType>> custom = new LinkedHashMap<>(); // guarded by this
    private volatile Snapshot snapshot;

    public ResourceCatalog(Collection<ResourceType> builtIn) {
        this.builtIn = List.copyOf(builtIn);
        this.snapshot = snapshot(1);
    }

    /** @param group empty for the core group */
    public Optional<ResourceType> find(String group, String version, String plural) {
        return Optional.ofNullable(snapshot.byPath.get(path(group, version, plural)));
    }

    /** In the version that objects are kept in, or the first that is served if that one is not. */
    public Optional<ResourceType> stored(String group, String plural) {
        ResourceType first = null;
        for (ResourceType type : snapshot.all) {
            if (type.group().equals(group) && type.plural().equals(plural)) {
                if (type.version().equals(type.storageVersion())) {
                    return Optional.of(type);
                }
                first = first == null ? type : first;
            }
        }
        return Optional.ofNullable(first);
    }

    /** All kinds in all served versions, built-in ones first. */
    public List<ResourceType> all() {
        return snapshot.all;
    }

    /** Grows with each change, so that documents made from the catalog can be kept. */
    public long edition() {
        return snapshot.edition;
    }

    /**
     * Serves the versions of a CustomResourceDefinition in place of those before.
     *
     * @param definition name of the definition
     * @param types empty to serve none
     */
    public synchronized void replaceCustom(String definition, List<ResourceType> types) {
        if (types.isEmpty()) {
            custom.remove(definition);
        } else {
            custom.put(definition, List.copyOf(types));
        }
        snapshot = snapshot(snapshot.edition + 1);
    }

    private Snapshot snapshot(long edition) {
        List<ResourceType> all = new ArrayList<>(builtIn);
        custom.values().forEach(all::addAll);
        Map<String, ResourceType> byPath = new LinkedHashMap<>();
        all.forEach(type -> byPath.put(path(type.group(), type.version(), type.plural()), type));
        return new Snapshot(edition, List.copyOf(all), byPath);
    }

    private static String path(String group, String version, String plural) {
        return group + "/" + version + "/" + plural;
    }
}
