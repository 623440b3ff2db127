package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;

/** {@code pods/eviction}: deletes a pod; there are no budgets that could be against it. */
public final class PodEviction implements CreateHandler {

    static final String SUBRESOURCE = "eviction";

    private final StoredObjects objects;
    private final ResourceCatalog catalog;

    public PodEviction(StoredObjects objects, ResourceCatalog catalog) {
        this.objects = objects;
        this.catalog = catalog;
    }

    @Override
    public JsonObject create(User user, String namespace, String name, JsonObject body) throws ApiException {
        if (!Meta.name(body).equals(name)) {
            throw ApiException.badRequest("name in URL does not match name in Eviction object");
        }
        ResourceType pods = catalog.find("", "v1", "pods").orElseThrow(ApiException::noSuchPath);
        JsonObject wanted = Json.object(body, "deleteOptions");
        JsonElement seconds = wanted == null ? null : wanted.get("gracePeriodSeconds");
        boolean given = seconds != null && seconds.isJsonPrimitive() && seconds.getAsString().matches("[0-9]{1,9}");
        JsonObject conditions = Json.object(wanted, "preconditions");
        DeleteOptions options = new DeleteOptions(given ? Long.valueOf(seconds.getAsString()) : null, "", Json.text(conditions, "uid"),
                Json.text(conditions, "resourceVersion"), false, false);
        boolean dryRun = !Json.array(wanted, "dryRun").isEmpty();
        if (!dryRun && options.resourceVersion().isEmpty()) {
            mark(pods, user, namespace, name, options.uid());
        }
        objects.deletion().delete(pods, namespace, name, options, dryRun).orElseThrow(() -> ApiException.notFound("pods", name));
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("apiVersion", "v1");
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Success");
        status.addProperty("code", 201);
        return status;
    }

    /** Says in the pod why it goes; a pod with another uid is left to the deletion to refuse. */
    private void mark(ResourceType pods, User user, String namespace, String name, String uid) throws ApiException {
        Write write = Write.of(user, "", false).below(SUBRESOURCE);
        objects.update().update(pods, namespace, name, write, false, pod -> {
            if (!Meta.deleting(pod) && (uid.isEmpty() || uid.equals(Meta.text(pod, "uid")))) {
                Conditions.set(pod, "DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting", objects.admission().now());
            }
            return pod;
        });
    }
}
