package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.protobuf.MalformedProtobufException;
import io.kelp.kubeapi.internal.protobuf.ProtobufBody;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Decodes objects out of requests and checks that they are what the path says. */
final class Bodies {

    private static final int SUMMARY = 30;
    private static final String STRUCT = "json: cannot unmarshal %s into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\";"
            + " Kind string \"json:\\\"kind,omitempty\\\"\" }";

    private final ResourceCatalog catalog;
    private final ProtobufBody protobuf = new ProtobufBody(Bodies::json);

    Bodies(ResourceCatalog catalog) {
        this.catalog = catalog;
    }

    /** The media type without parameters; JSON when none is named. */
    static String mediaType(ApiRequest request) {
        String type = request.header("content-type").orElse("").split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        return type.isEmpty() ? "application/json" : type;
    }

    static ApiException unsupported(String accepted) {
        return new ApiException(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: " + accepted, null);
    }

    /** An object of a type; the tree of the result is a {@link JsonObject}. */
    Body object(ApiRequest request, ResourceType type) throws ApiException {
        if (type.custom() && mediaType(request).equals(ProtobufBody.MEDIA_TYPE)) {
            // They have no form in protobuf. The original names it here too, and then breaks the connection.
            throw unsupported("application/json, application/yaml");
        }
        return object(request, type.apiVersion(), type.kind());
    }

    /** An object that should be of a kind; the tree of the result is a {@link JsonObject}. */
    Body object(ApiRequest request, String apiVersion, String kind) throws ApiException {
        String media = mediaType(request);
        if (media.equals(ProtobufBody.MEDIA_TYPE)) {
            return protobuf(request.body(), apiVersion, kind);
        }
        boolean yaml = media.equals("application/yaml");
        if (!yaml && !media.equals("application/json")) {
            throw unsupported("application/json, application/yaml, " + ProtobufBody.MEDIA_TYPE);
        }
        Body body;
        try {
            body = yaml ? YamlBody.read(request.body()) : JsonBody.read(request.body());
        } catch (Body.MalformedException e) {
            throw unrecognized(kind, yaml ? e.getMessage() : "couldn't get version/kind; json parse error: " + e.getMessage(), request.body());
        }
        if (!(body.tree() instanceof JsonObject)) {
            throw unrecognized(kind, "couldn't get version/kind; json parse error: " + String.format(STRUCT, MetadataShape.word(body.tree())), request.body());
        }
        return body;
    }

    private Body protobuf(byte[] body, String apiVersion, String kind) throws ApiException {
        try {
            return new Body(protobuf.read(body, apiVersion, kind), List.of(), List.of());
        } catch (MalformedProtobufException e) {
            if (e.kind().isEmpty()) {
                throw unrecognized(kind, e.getMessage(), body);
            }
            String version = e.apiVersion().substring(e.apiVersion().indexOf('/') + 1);
            throw ApiException.badRequest(e.kind() + " in version \"" + version + "\" cannot be handled as a " + kind + ": " + e.getMessage());
        }
    }

    /** {@code DeleteOptions}, which are the same in all groups. */
    JsonObject deleteOptions(byte[] protobufBody) throws MalformedProtobufException {
        return protobuf.read(protobufBody, "v1", "DeleteOptions");
    }

    private static JsonElement json(byte[] text) {
        try {
            return JsonBody.read(text).tree();
        } catch (Body.MalformedException e) {
            return null; // told by who asked
        }
    }

    private static ApiException unrecognized(String kind, String detail, byte[] body) {
        return ApiException.badRequest("the object provided is unrecognized (must be of type " + kind + "): " + detail + " (" + summary(body) + ")");
    }

    private static String summary(byte[] body) {
        if (body.length == 0) {
            return "<empty>";
        }
        boolean cut = body.length > SUMMARY;
        String shown = body[0] == '{' ? new String(body, 0, Math.min(body.length, SUMMARY), StandardCharsets.UTF_8)
                : HexFormat.of().formatHex(body, 0, Math.min(body.length, SUMMARY));
        return cut ? shown + " ..." : shown;
    }

    /** Sets {@code apiVersion} and {@code kind} where they may be left out, refuses them where they are others. */
    void checkKind(ResourceType type, JsonObject object, byte[] body) throws ApiException {
        String apiVersion = Json.text(object, "apiVersion");
        String kind = Json.text(object, "kind");
        if (type.custom()) {
            checkCustom(type, object, apiVersion, kind, body);
            return;
        }
        if (apiVersion.isEmpty()) {
            apiVersion = type.apiVersion();
        }
        if (kind.isEmpty()) {
            kind = type.kind();
        }
        if (!apiVersion.equals(type.apiVersion()) || !kind.equals(type.kind())) {
            String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
            throw ApiException.badRequest(kind + " in version \"" + version + "\" cannot be handled as a " + type.kind() + ": " + misfit(type, apiVersion, kind));
        }
        object.addProperty("apiVersion", apiVersion);
        object.addProperty("kind", kind);
    }

    /** As {@link #checkKind(ResourceType, JsonObject, byte[])} for what is sent to a subresource and is no kind that is served. */
    void checkKind(String apiVersion, String kind, JsonObject object) throws ApiException {
        String own = Json.text(object, "kind");
        if (!own.isEmpty() && !own.equals(kind)) {
            String ownVersion = Json.text(object, "apiVersion");
            ownVersion = ownVersion.isEmpty() ? apiVersion : ownVersion;
            String group = apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
            throw ApiException.badRequest(own + " in version \"" + ownVersion.substring(ownVersion.indexOf('/') + 1) + "\" cannot be handled as a " + kind + ": "
                    + misfit(group, kind, ownVersion, own));
        }
    }

    /** Why an object of another kind cannot be taken for one of the type. */
    String misfit(ResourceType type, String apiVersion, String kind) {
        return misfit(type.group(), type.kind(), apiVersion, kind);
    }

    private String misfit(String expectedGroup, String expected, String apiVersion, String kind) {
        String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
        String group = expectedGroup.isEmpty() ? "core" : expectedGroup.split("\\.", 2)[0];
        return serves(apiVersion, kind) ? "converting (" + version + "." + kind + ") to (" + group + "." + expected + "): unknown conversion"
                : "no kind \"" + kind + "\" is registered for version \"" + apiVersion + "\" in scheme \"pkg/runtime/scheme.go:110\"";
    }

    private boolean serves(String apiVersion, String kind) {
        return catalog.all().stream().anyMatch(type -> type.apiVersion().equals(apiVersion) && type.kind().equals(kind) && !type.custom());
    }

    private static void checkCustom(ResourceType type, JsonObject object, String apiVersion, String kind, byte[] body) throws ApiException {
        if (kind.isEmpty()) {
            throw unrecognized(type.kind(), "Object 'Kind' is missing in '" + new String(body, StandardCharsets.UTF_8) + "'", body);
        }
        if (!apiVersion.equals(type.apiVersion())) {
            throw ApiException.badRequest("the API version in the data (" + apiVersion + ") does not match the expected API version (" + type.apiVersion() + ")");
        }
        if (!kind.equals(type.kind())) {
            throw ApiException.invalid(type.group(), kind, Meta.name(object),
                    List.of(FieldError.invalid("kind", MetadataRules.quoted(kind), "must be " + type.kind())));
        }
    }

    /** Takes the namespace of the path; refuses another one. */
    static void checkNamespace(ResourceType type, JsonObject object, String namespace) throws ApiException {
        String own = Meta.text(object, "namespace");
        if (!type.namespaced()) {
            if (!own.isEmpty()) {
                Meta.of(object).remove("namespace");
            }
        } else if (own.isEmpty()) {
            Meta.of(object).addProperty("namespace", namespace);
        } else if (!own.equals(namespace)) {
            throw ApiException.badRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    static void checkName(JsonObject object, String name) throws ApiException {
        String own = Meta.name(object);
        if (own.isEmpty()) {
            throw ApiException.badRequest("the name of the object (" + name + " based on URL) was undeterminable: name must be provided");
        }
        if (!own.equals(name)) {
            throw ApiException.badRequest("the name of the object (" + own + ") does not match the name on the URL (" + name + ")");
        }
    }

    /** How Go prints a decoded value, {@code map[a:1 b:[x y]]}. */
    static String goText(JsonElement tree) {
        if (tree instanceof JsonObject object) {
            return "map[" + String.join(" ", object.keySet().stream().sorted().map(key -> key + ":" + goText(object.get(key))).toList()) + "]";
        }
        if (tree.isJsonArray()) {
            return "[" + String.join(" ", tree.getAsJsonArray().asList().stream().map(Bodies::goText).toList()) + "]";
        }
        return tree.isJsonNull() ? "<nil>" : tree.getAsString();
    }
}
