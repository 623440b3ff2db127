package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.Optional;

/** {@code pods/binding}: puts a pod on a node. */
public final class PodBinding implements CreateHandler {

    private final StoredObjects objects;
    private final ResourceCatalog catalog;
    private final Admission admission;

    public PodBinding(StoredObjects objects, ResourceCatalog catalog) {
        this.objects = objects;
        this.catalog = catalog;
        this.admission = objects.admission();
    }

    @Override
    public JsonObject create(User user, String namespace, String name, JsonObject body) throws ApiException {
        if (!Meta.name(body).equals(name)) {
            throw ApiException.badRequest("name in URL does not match name in Binding object");
        }
        JsonObject target = Json.object(body, "target");
        String node = Json.text(target, "name");
        if (node.isEmpty()) {
            throw ApiException.invalid("", "Binding", name, List.of(FieldError.required("target.name", "")));
        }
        ResourceType pods = catalog.find("", "v1", "pods").orElseThrow(ApiException::noSuchPath);
        Write write = Write.of(user, "kube-scheduler", false).below("binding");
        Optional<Write.Result> result = objects.update().update(pods, namespace, name, write, false, pod -> bound(pod, body, node));
        result.orElseThrow(() -> ApiException.notFound("pods", name));
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("apiVersion", "v1");
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Success");
        status.addProperty("code", 201);
        return status;
    }

    private JsonObject bound(JsonObject pod, JsonObject body, String node) throws ApiException {
        String name = Meta.name(pod);
        String uid = Meta.text(body, "uid");
        if (!uid.isEmpty() && !uid.equals(Meta.text(pod, "uid"))) {
            throw ApiException.conflict("pods/binding", name, "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + Meta.text(pod, "uid"));
        }
        if (Meta.deleting(pod)) {
            throw ApiException.conflict("pods/binding", name, "pod " + name + " is being deleted, cannot be assigned to a host");
        }
        JsonObject spec = Json.object(pod, "spec");
        String assigned = Json.text(spec, "nodeName");
        if (!assigned.isEmpty()) {
            throw ApiException.conflict("pods/binding", name, "pod " + name + " is already assigned to node \"" + assigned + "\"");
        }
        if (!Json.array(spec, "schedulingGates").isEmpty()) {
            throw ApiException.conflict("pods/binding", name, "pod " + name + " has non-empty .spec.schedulingGates");
        }
        spec.addProperty("nodeName", node);
        Conditions.set(pod, "PodScheduled", admission.now());
        return pod;
    }
}
