package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.patch.Patches;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** PATCH in its four kinds. */
final class Patching {

    private static final String JSON = "application/json-patch+json";
    private static final String MERGE = "application/merge-patch+json";
    private static final String STRATEGIC = "application/strategic-merge-patch+json";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final int MAX_OPERATIONS = 10_000;
    private static final int ATTEMPTS = 10;

    private final StoredObjects objects;
    private final Patches patches;
    private final FieldManagement fields;
    private final Bodies bodies;
    private final InstantSource clock;

    Patching(StoredObjects objects, Bodies bodies, Patches patches, FieldManagement fields, InstantSource clock) {
        this.bodies = bodies;
        this.objects = objects;
        this.patches = patches;
        this.fields = fields;
        this.clock = clock;
    }

    Write.Result patch(ResourceType type, Target target, ApiRequest request, User user, List<String> warnings) throws ApiException {
        String media = Bodies.mediaType(request);
        checkMedia(type, media);
        Options options = Options.of(request, "PatchOptions", media.equals(APPLY));
        Write write = Write.of(user, options.manager(), options.dryRun()).below(target.subresource());
        Body body = decode(request, media);
        if (media.equals(APPLY)) {
            return apply(type, target, body, options, write.managed(), warnings);
        }
        Optional<Write.Result> result = objects.update().update(type, target.namespace(), target.name(), write, false,
                current -> patched(type, target, media, current, body, options, warnings));
        return result.orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
    }

    private static void checkMedia(ResourceType type, String media) throws ApiException {
        Set<String> known = type.custom() ? Set.of(JSON, MERGE, APPLY) : Set.of(JSON, MERGE, STRATEGIC, APPLY);
        if (!known.contains(media)) {
            throw type.custom() ? Bodies.unsupported(JSON + ", " + MERGE + ", " + APPLY)
                    : new ApiException(415, "UnsupportedMediaType", "415: Unsupported Media Type", new JsonObject());
        }
    }

    private static Body decode(ApiRequest request, String media) throws ApiException {
        Body body;
        try {
            body = media.equals(APPLY) ? YamlBody.read(request.body()) : JsonBody.read(request.body());
        } catch (Body.MalformedException e) {
            throw ApiException.badRequest((media.equals(APPLY) ? "error decoding YAML: " : "error decoding patch: ") + e.getMessage());
        }
        String expected = media.equals(JSON) ? "[]handlers.jsonPatchOp" : "map[string]interface {}";
        if (media.equals(JSON) ? !(body.tree() instanceof JsonArray) : !(body.tree() instanceof JsonObject)) {
            throw ApiException.badRequest((media.equals(APPLY) ? "error decoding YAML: error unmarshaling JSON: while decoding JSON: " : "error decoding patch: ")
                    + "json: cannot unmarshal " + MetadataShape.word(body.tree()) + " into Go value of type " + expected);
        }
        if (body.tree() instanceof JsonArray operations && operations.size() > MAX_OPERATIONS) {
            throw new ApiException(413, "RequestEntityTooLarge", "Request entity too large: The allowed maximum operations in a JSON patch is " + MAX_OPERATIONS
                    + ", got " + operations.size(), new JsonObject());
        }
        return body;
    }

    private JsonObject patched(ResourceType type, Target target, String media, JsonObject current, Body body, Options options, List<String> warnings)
            throws ApiException {
        warnings.clear(); // of an attempt before
        JsonObject next = switch (media) {
            case JSON -> patches.json(current, body.tree());
            case MERGE -> patches.merge(current, body.tree());
            default -> patches.strategic(current, body.tree(), type.schema());
        };
        JsonObject shown = next.deepCopy();
        String apiVersion = Json.text(next, "apiVersion");
        String kind = Json.text(next, "kind");
        if (!kind.equals(type.kind()) || !apiVersion.equals(type.apiVersion())) {
            if (type.custom()) {
                FieldError other = kind.equals(type.kind()) ? FieldError.invalid("apiVersion", MetadataRules.quoted(apiVersion), "must be " + type.apiVersion())
                        : FieldError.invalid("kind", MetadataRules.quoted(kind), "must be " + type.kind());
                throw ApiException.invalid(type.group(), kind, target.name(), List.of(other));
            }
            throw unfit(type, media, body, shown, bodies.misfit(type, apiVersion, kind));
        }
        try {
            next = objects.intake().accept(type, next, body.duplicates(), options.validation(), warnings);
        } catch (Intake.UnreadableException e) {
            throw unfit(type, media, body, shown, e.getMessage());
        }
        Bodies.checkName(next, target.name());
        Bodies.checkNamespace(type, next, target.namespace());
        return next;
    }

    /** The outcome of a patch is no object of the kind. */
    private static ApiException unfit(ResourceType type, String media, Body patch, JsonObject outcome, String why) {
        boolean strategic = media.equals(STRATEGIC);
        String value = strategic ? Bodies.goText(patch.tree()) : PatchOutcome.text(type, outcome, patch.tree());
        return ApiException.invalid("", "", "",
                List.of(FieldError.invalid("patch", MetadataRules.quoted(value), strategic ? PatchOutcome.conversion(why) : why)));
    }

    private Write.Result apply(ResourceType type, Target target, Body body, Options options, Write write, List<String> warnings) throws ApiException {
        JsonObject applied = (JsonObject) body.tree();
        checkApplied(type, applied);
        if (options.validation() == Intake.Validation.STRICT && !body.duplicates().isEmpty()) {
            throw ApiException.badRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  "
                    + String.join("\n  ", body.places().stream().map(place -> place + " already set in map").toList()));
        }
        for (int attempt = 1;; attempt++) {
            Optional<Write.Result> result = objects.update().update(type, target.namespace(), target.name(), write, false,
                    live -> merged(type, target, live, applied, options));
            if (result.isPresent()) {
                return result.get();
            }
            if (!target.subresource().isEmpty() || !Meta.text(applied, "uid").isEmpty()) {
                throw ApiException.notFound(type.qualified(), target.name());
            }
            try {
                JsonObject created = merged(type, target, null, applied, options);
                return objects.creation().create(type, target.namespace(), created, write);
            } catch (ApiException e) {
                if (!e.reason().equals("AlreadyExists") || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static void checkApplied(ResourceType type, JsonObject applied) throws ApiException {
        String apiVersion = Json.text(applied, "apiVersion");
        String kind = Json.text(applied, "kind");
        if (!apiVersion.equals(type.apiVersion()) || !kind.equals(type.kind())) {
            String shown = apiVersion.isEmpty() ? "/" : apiVersion.contains("/") ? apiVersion : "/" + apiVersion;
            throw ApiException.badRequest("invalid object type: " + shown + ", Kind=" + kind);
        }
        JsonElement managed = Meta.of(applied).get("managedFields");
        if (managed instanceof JsonArray entries && !entries.isEmpty()) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
    }

    private JsonObject merged(ResourceType type, Target target, JsonObject live, JsonObject applied, Options options) throws ApiException {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        JsonObject merged = fields.apply(live, applied.deepCopy(), type, options.manager(), options.force(), target.subresource(), now);
        JsonObject next = converted(type, target, merged);
        Bodies.checkName(next, target.name());
        Bodies.checkNamespace(type, next, target.namespace());
        return next;
    }

    private JsonObject converted(ResourceType type, Target target, JsonObject merged) throws ApiException {
        try {
            return objects.intake().accept(type, merged, List.of(), Intake.Validation.IGNORE, List.of());
        } catch (Intake.UnreadableException e) {
            String kind = (type.group().isEmpty() ? "/" + type.version() : type.apiVersion()) + ", Kind=" + type.kind();
            throw new ApiException(500, "", "failed to convert new object (" + target.namespace() + "/" + target.name() + "; " + kind
                    + ") to proper version: unable to convert unstructured object to " + kind + ": " + e.getMessage(), null);
        }
    }
}
