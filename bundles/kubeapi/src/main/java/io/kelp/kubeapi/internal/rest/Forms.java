package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaRules;

/**
 * Objects between the version they are kept in and the versions they are served in. Custom resources are pruned and
 * defaulted by the schema of the stored version when they are read, since it may have changed after they were written;
 * conversion changes {@code apiVersion} and prunes by the other version's schema (strategy None).
 */
final class Forms {

    private final ResourceCatalog catalog;
    private final SchemaRules schemas;

    Forms(ResourceCatalog catalog, SchemaRules schemas) {
        this.catalog = catalog;
        this.schemas = schemas;
    }

    /** Whether stored bytes can be given to clients of this version as they are. */
    boolean passesThrough(ResourceType type) {
        return !type.custom() && type.version().equals(type.storageVersion());
    }

    JsonObject read(ResourceType type, byte[] stored) {
        JsonObject object = Json.read(stored);
        if (!type.custom()) {
            object.addProperty("apiVersion", type.apiVersion());
            return object;
        }
        ResourceType kept = stored(type);
        schemas.prune(object, kept.schema());
        schemas.setDefaults(object, kept.schema());
        if (!kept.version().equals(type.version())) {
            object.addProperty("apiVersion", type.apiVersion());
            schemas.prune(object, type.schema());
        }
        return object;
    }

    /** The object in the version it is kept in; the same tree when that is its own. */
    JsonObject toStored(ResourceType type, JsonObject object) {
        if (type.version().equals(type.storageVersion())) {
            return object;
        }
        JsonObject copy = object.deepCopy();
        copy.addProperty("apiVersion", type.group().isEmpty() ? type.storageVersion() : type.group() + "/" + type.storageVersion());
        if (type.custom()) {
            schemas.prune(copy, stored(type).schema());
        }
        return copy;
    }

    /** The object as it is after it has been stored and read again. */
    JsonObject throughStored(ResourceType type, JsonObject object) {
        if (type.version().equals(type.storageVersion())) {
            return object;
        }
        JsonObject back = toStored(type, object);
        back.addProperty("apiVersion", type.apiVersion());
        if (type.custom()) {
            schemas.prune(back, type.schema());
        }
        return back;
    }

    private ResourceType stored(ResourceType type) {
        return type.version().equals(type.storageVersion()) ? type : catalog.stored(type.group(), type.plural()).orElse(type);
    }
}
