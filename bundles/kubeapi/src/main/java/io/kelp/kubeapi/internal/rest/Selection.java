package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which objects of a collection a client wants.
 *
 * @param namespace empty for all
 */
record Selection(ResourceType type, String namespace, LabelSelector labels, FieldSelector fields) {

    static Selection of(ResourceType type, Target target, ApiRequest request) throws ApiException {
        FieldSelector fields = FieldSelector.parse(request.parameter("fieldSelector"), type.rules().selectableFields(new JsonObject()).keySet(), type.custom());
        if (!target.name().isEmpty()) {
            fields = FieldSelector.named(target.name());
        }
        return new Selection(type, type.namespaced() ? target.namespace() : "", LabelSelector.parse(request.parameter("labelSelector")), fields);
    }

    boolean selectsAll() {
        return labels.isEmpty() && fields.isEmpty();
    }

    /** Whether the key alone tells. */
    boolean needsObject() {
        return !labels.isEmpty() || fields.needsObject();
    }

    /** Whether an object of this key can be wanted. */
    boolean covers(ApiStore.Key key) {
        return namespace.isEmpty() || namespace.equals(key.namespace());
    }

    boolean matches(ApiStore.Key key, Supplier<JsonObject> object) {
        if (selectsAll()) {
            return true;
        }
        if (!needsObject()) {
            return fields.matches(field -> ofKey(key, field));
        }
        JsonObject tree = object.get();
        if (!labels.matches(Meta.labels(tree))) {
            return false;
        }
        if (!fields.needsObject()) {
            return fields.matches(field -> ofKey(key, field));
        }
        Map<String, String> selectable = type.rules().selectableFields(tree);
        return fields.matches(field -> field.startsWith("metadata.") && !selectable.containsKey(field) ? ofKey(key, field) : selectable.get(field));
    }

    private static String ofKey(ApiStore.Key key, String field) {
        return field.equals("metadata.name") ? key.name() : key.namespace();
    }
}
