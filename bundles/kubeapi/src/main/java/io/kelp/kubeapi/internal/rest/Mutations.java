package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Answers requests that write. */
final class Mutations {

    /** Kinds that a replacement may create. */
    private static final Set<String> CREATED_BY_UPDATE = Set.of("coordination.k8s.io/leases", "node.k8s.io/runtimeclasses", "/events",
            "events.k8s.io/events", "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/clusterroles",
            "rbac.authorization.k8s.io/rolebindings", "rbac.authorization.k8s.io/clusterrolebindings");

    /** Kinds whose deletion answers with the object even when it is gone. */
    private static final Set<String> RETURNED = Set.of("/pods", "/serviceaccounts", "/namespaces");

    private final StoredObjects objects;
    private final Bodies bodies;
    private final Patching patching;

    Mutations(StoredObjects objects, Bodies bodies, Patching patching) {
        this.objects = objects;
        this.bodies = bodies;
        this.patching = patching;
    }

    void create(ResourceType type, Target target, ApiRequest request, User user, Output output, ApiResponse response) throws ApiException {
        Options options = Options.of(request, "CreateOptions", null);
        List<String> warnings = new ArrayList<>();
        respondWarned(response, output, warnings, () -> {
            JsonObject object = read(type, target, request, options, warnings);
            Write.Result result = objects.creation().create(type, target.namespace(), object, Write.of(user, options.manager(), options.dryRun()));
            answer(type, result, 201, output, warnings, response);
        });
    }

    void replace(ResourceType type, Target target, ApiRequest request, User user, Output output, ApiResponse response) throws ApiException {
        Options options = Options.of(request, "UpdateOptions", null);
        List<String> warnings = new ArrayList<>();
        respondWarned(response, output, warnings, () -> {
            JsonObject object = read(type, target, request, options, warnings);
            Bodies.checkName(object, target.name());
            Write write = Write.of(user, options.manager(), options.dryRun()).below(target.subresource());
            Optional<Write.Result> result = objects.update().update(type, target.namespace(), target.name(), write, true, current -> object.deepCopy());
            if (result.isEmpty() && CREATED_BY_UPDATE.contains(type.collection()) && target.subresource().isEmpty()) {
                result = Optional.of(objects.creation().create(type, target.namespace(), object, write));
            }
            Write.Result done = result.orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
            answer(type, done, done.created() ? 201 : 200, output, warnings, response);
        });
    }

    void patch(ResourceType type, Target target, ApiRequest request, User user, Output output, ApiResponse response) throws ApiException {
        List<String> warnings = new ArrayList<>();
        respondWarned(response, output, warnings, () -> {
            Write.Result result = patching.patch(type, target, request, user, warnings);
            answer(type, result, result.created() ? 201 : 200, output, warnings, response);
        });
    }

    void delete(ResourceType type, Target target, ApiRequest request, Output output, ApiResponse response) throws ApiException {
        DeleteOptions options = DeleteOptions.of(request, bodies);
        Write.Result result = objects.deletion().delete(type, target.namespace(), target.name(), options, options.dryRun())
                .orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
        if (result.gone() && !RETURNED.contains(type.collection())) {
            Answers.send(response, 200, output, deleted(type, result.object()), List.of());
        } else {
            answer(type, result, options.accepted() && !result.gone() ? 202 : 200, output, List.of(), response);
        }
    }

    void deleteCollection(ResourceType type, Selection selection, ApiRequest request, Output output, ApiResponse response) throws ApiException {
        DeleteOptions options = DeleteOptions.of(request, bodies);
        ListOptions what = ListOptions.of(request, type, selection.namespace(), objects.store().revision());
        Walk walk = new Walk(objects.store(), selection, what, objects.forms());
        List<ApiStore.Key> keys = new ArrayList<>();
        ListText text = new ListText(type, new Output(false, output.as(), output.metaVersion(), output.include(), output.pretty() && !output.yaml()));
        text.begin(null);
        try {
            walk.prepare();
            while (walk.advance()) {
                keys.add(walk.key());
                text.add(walk.object());
            }
        } catch (ApiStore.CompactedException e) {
            throw ApiException.expired("The resourceVersion for the provided list is too old.");
        }
        text.end(walk.metadata());
        for (ApiStore.Key key : keys) {
            objects.deletion().delete(type, key.namespace(), key.name(), options, options.dryRun());
        }
        Answers.send(response, 200, Answers.headers("application/json"), text.take());
    }

    private JsonObject read(ResourceType type, Target target, ApiRequest request, Options options, List<String> warnings) throws ApiException {
        Body body = bodies.object(request, type);
        JsonObject object = (JsonObject) body.tree();
        bodies.checkKind(type, object, request.body());
        JsonObject taken = objects.intake().acceptBody(type, object, body.duplicates(), options.validation(), warnings);
        Bodies.checkNamespace(type, taken, target.namespace());
        return taken;
    }

    private static void answer(ResourceType type, Write.Result result, int status, Output output, List<String> warnings, ApiResponse response) {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(type.rules().warnings(result.object(), result.created()));
        if (result.stored() != null && output.isStoredForm()) {
            Answers.stored(response, status, result.stored(), all);
            return;
        }
        Answers.send(response, status, output, Presentation.single(type, output, result.object()), all);
    }

    private static JsonObject deleted(ResourceType type, JsonObject object) {
        JsonObject details = new JsonObject();
        details.addProperty("name", Meta.name(object));
        if (!type.group().isEmpty()) {
            details.addProperty("group", type.group());
        }
        details.addProperty("kind", type.plural());
        details.addProperty("uid", Meta.text(object, "uid"));
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("apiVersion", "v1");
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Success");
        status.add("details", details);
        return status;
    }

    private interface Answering {
        void run() throws ApiException;
    }

    /** Refusals carry the warnings, too. */
    private static void respondWarned(ApiResponse response, Output output, List<String> warnings, Answering answering) throws ApiException {
        try {
            answering.run();
        } catch (ApiException e) {
            if (warnings.isEmpty()) {
                throw e;
            }
            Answers.fail(response, output, e, warnings);
        }
    }
}
