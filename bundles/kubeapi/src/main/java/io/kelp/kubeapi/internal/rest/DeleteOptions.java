package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.protobuf.MalformedProtobufException;
import io.kelp.kubeapi.internal.protobuf.ProtobufBody;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code metav1.DeleteOptions}, from the body or from the query.
 *
 * @param gracePeriodSeconds {@code null} when not given
 * @param propagation {@code Background}, {@code Foreground}, {@code Orphan}; empty for the kind's own
 * @param uid precondition, empty for none
 * @param resourceVersion precondition, empty for none
 */
record DeleteOptions(Long gracePeriodSeconds, String propagation, String uid, String resourceVersion, boolean dryRun, boolean accepted) {

    private static final List<String> MEDIA_TYPES = List.of("application/json", "application/yaml", ProtobufBody.MEDIA_TYPE);

    static final DeleteOptions NONE = new DeleteOptions(null, "", "", "", false, false);

    static DeleteOptions of(ApiRequest request, Bodies bodies) throws ApiException {
        JsonObject options = request.body().length == 0 ? fromQuery(request) : fromBody(request, bodies);
        List<FieldError> errors = new ArrayList<>();
        String policy = Json.text(options, "propagationPolicy");
        Boolean orphan = flag(options, "orphanDependents");
        if (!policy.isEmpty() && orphan != null) {
            errors.add(FieldError.invalid("propagationPolicy", MetadataRules.quoted(policy), "orphanDependents and deletionPropagation cannot be both set"));
        } else if (!policy.isEmpty() && !List.of("Foreground", "Background", "Orphan").contains(policy)) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "propagationPolicy", MetadataRules.quoted(policy),
                    "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""));
        }
        boolean dryRun = Options.dryRun(texts(Json.array(options, "dryRun")), errors);
        if (!errors.isEmpty()) {
            throw ApiException.invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
        String propagation = orphan == null ? policy : orphan ? "Orphan" : "Background";
        JsonObject preconditions = Json.object(options, "preconditions");
        return new DeleteOptions(seconds(options), propagation, Json.text(preconditions, "uid"), Json.text(preconditions, "resourceVersion"), dryRun,
                orphan != null && !orphan);
    }

    private static JsonObject fromBody(ApiRequest request, Bodies bodies) throws ApiException {
        String media = Bodies.mediaType(request);
        if (!MEDIA_TYPES.contains(media)) {
            throw Bodies.unsupported(String.join(", ", MEDIA_TYPES));
        }
        JsonElement tree;
        try {
            tree = media.equals(ProtobufBody.MEDIA_TYPE) ? bodies.deleteOptions(request.body())
                    : media.equals("application/yaml") ? YamlBody.read(request.body()).tree() : JsonBody.read(request.body()).tree();
        } catch (MalformedProtobufException e) {
            throw new ApiException(500, "", e.getMessage(), null);
        } catch (Body.MalformedException e) {
            throw new ApiException(500, "", "couldn't get version/kind; json parse error: " + e.getMessage(), null);
        }
        if (!(tree instanceof JsonObject options)) {
            throw new ApiException(500, "", "couldn't get version/kind; json parse error: json: cannot unmarshal " + MetadataShape.word(tree), null);
        }
        String kind = Json.text(options, "kind");
        if (!kind.isEmpty() && !kind.equals("DeleteOptions")) {
            throw new ApiException(500, "", "no kind \"" + kind + "\" is registered for version \"" + Json.text(options, "apiVersion")
                    + "\" in scheme \"pkg/runtime/scheme.go:110\"", null);
        }
        return options;
    }

    private static JsonObject fromQuery(ApiRequest request) {
        JsonObject options = new JsonObject();
        if (request.has("propagationPolicy")) {
            options.addProperty("propagationPolicy", request.parameter("propagationPolicy"));
        }
        if (request.has("orphanDependents")) {
            options.addProperty("orphanDependents", request.parameter("orphanDependents").equals("true"));
        }
        if (request.parameter("gracePeriodSeconds").matches("-?[0-9]{1,9}")) {
            options.addProperty("gracePeriodSeconds", Long.parseLong(request.parameter("gracePeriodSeconds")));
        }
        JsonArray dryRun = new JsonArray();
        request.query().getOrDefault("dryRun", List.of()).forEach(dryRun::add);
        options.add("dryRun", dryRun);
        return options;
    }

    private static Boolean flag(JsonObject options, String name) {
        return options.get(name) != null && options.get(name).isJsonPrimitive() ? Boolean.valueOf(options.get(name).getAsString()) : null;
    }

    private static Long seconds(JsonObject options) {
        JsonElement value = options.get("gracePeriodSeconds");
        return value != null && value.isJsonPrimitive() && value.getAsString().matches("-?[0-9]{1,9}") ? Long.valueOf(value.getAsString()) : null;
    }

    private static List<String> texts(JsonArray array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.isJsonPrimitive() ? item.getAsString() : item.toString()));
        return texts;
    }
}
