package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.patch.Patches;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.ScaleView;
import java.util.List;

/** The {@code scale} subresource: objects looked at and written as {@code autoscaling/v1 Scale}. */
final class Scaling {

    private static final String API_VERSION = "autoscaling/v1";
    private static final String KIND = "Scale";
    private static final String JSON = "application/json-patch+json";
    private static final String MERGE = "application/merge-patch+json";

    private final StoredObjects objects;
    private final Bodies bodies;
    private final Patches patches;

    Scaling(StoredObjects objects, Bodies bodies, Patches patches) {
        this.objects = objects;
        this.bodies = bodies;
        this.patches = patches;
    }

    void answer(ResourceType type, Target target, ApiRequest request, User user, Output output, ApiResponse response) throws ApiException {
        ScaleView view = type.rules().scale();
        if (view == null) {
            throw ApiException.noSuchPath();
        }
        JsonObject object = switch (target.verb()) {
            case "get" -> get(type, view, target);
            case "update" -> replace(type, view, target, request, user);
            default -> patch(type, view, target, request, user);
        };
        Answers.send(response, 200, output, view.read(object), List.of());
    }

    private JsonObject get(ResourceType type, ScaleView view, Target target) throws ApiException {
        JsonObject object = objects.get(type, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
        view.check(object);
        return object;
    }

    private JsonObject replace(ResourceType type, ScaleView view, Target target, ApiRequest request, User user) throws ApiException {
        Options options = Options.of(request, "UpdateOptions", null);
        JsonObject scale = (JsonObject) bodies.object(request, API_VERSION, KIND).tree();
        if (!Json.text(scale, "kind").equals(KIND) || !Json.text(scale, "apiVersion").equals(API_VERSION)) {
            throw ApiException.badRequest("the object provided is unrecognized (must be of type Scale): it is a " + Json.text(scale, "kind") + " of "
                    + Json.text(scale, "apiVersion"));
        }
        Bodies.checkName(scale, target.name());
        return write(type, target, Write.of(user, options.manager(), options.dryRun()), current -> written(view, current, scale));
    }

    private JsonObject patch(ResourceType type, ScaleView view, Target target, ApiRequest request, User user) throws ApiException {
        String media = Bodies.mediaType(request);
        if (!media.equals(JSON) && !media.equals(MERGE)) {
            throw Bodies.unsupported(JSON + ", " + MERGE);
        }
        Options options = Options.of(request, "PatchOptions", false);
        JsonElement patch;
        try {
            patch = JsonBody.read(request.body()).tree();
        } catch (Body.MalformedException e) {
            throw ApiException.badRequest("error decoding patch: " + e.getMessage());
        }
        return write(type, target, Write.of(user, options.manager(), options.dryRun()), current -> {
            JsonObject scale = view.read(current);
            JsonObject next = media.equals(JSON) ? patches.json(scale, patch) : patches.merge(scale, patch);
            Bodies.checkName(next, target.name());
            return written(view, current, next);
        });
    }

    private JsonObject write(ResourceType type, Target target, Write write, Update.Step step) throws ApiException {
        return objects.update().update(type, target.namespace(), target.name(), write.below("scale"), false, step)
                .orElseThrow(() -> ApiException.notFound(type.qualified(), target.name())).object();
    }

    /** The version that the Scale names is the condition of the write. */
    private static JsonObject written(ScaleView view, JsonObject current, JsonObject scale) throws ApiException {
        view.write(current, scale);
        String version = Meta.text(scale, "resourceVersion");
        if (!version.isEmpty()) {
            Meta.of(current).addProperty("resourceVersion", version);
        }
        return current;
    }
}
