package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What of {@code metav1.ListOptions} decides which state is listed.
 *
 * @param limit most objects, 0 for all
 * @param after continue behind this key, {@code null} from the beginning
 * @param revision the state to list, 0 for the newest
 */
record ListOptions(long limit, ApiStore.Key after, long revision, boolean continued) {

    private static final String TOKEN_VERSION = "meta.k8s.io/v1";

    static ListOptions of(ApiRequest request, ResourceType type, String namespace, long newest) throws ApiException {
        number(request, "timeoutSeconds"); // lists have no use for it, but it has to be one
        checkVersionMatch(request, false);
        long limit = Math.max(0, number(request, "limit"));
        String version = request.parameter("resourceVersion");
        String match = request.parameter("resourceVersionMatch");
        if (!request.parameter("continue").isEmpty()) {
            ListOptions options = continued(request.parameter("continue"), limit, type, namespace, newest);
            if (!version.isEmpty() && !version.equals("0")) {
                throw ApiException.badRequest("specifying resource version is not allowed when using continue");
            }
            return options;
        }
        long wanted = Revisions.parse(version,
                problem -> ApiException.badRequest("invalid resource version: resourceVersion: Invalid value: " + MetadataRules.quoted(version) + ": " + problem));
        checkNotAhead(wanted, newest);
        if (version.equals("0")) {
            return new ListOptions(0, null, 0, false); // as from a cache of the real server, which gives all
        }
        boolean exact = match.equals("Exact") || match.isEmpty() && limit > 0 && wanted > 0;
        return new ListOptions(limit, null, exact ? wanted : 0, false);
    }

    /** Refuses combinations that make no sense, for lists and watches. */
    static void checkVersionMatch(ApiRequest request, boolean watch) throws ApiException {
        List<FieldError> errors = new ArrayList<>();
        String match = request.parameter("resourceVersionMatch");
        String version = request.parameter("resourceVersion");
        boolean initial = request.has("sendInitialEvents");
        if (watch && initial) {
            if (!match.equals("NotOlderThan")) {
                errors.add(FieldError.forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
                addUnsupported(match, errors);
            }
        } else if (watch && !match.isEmpty()) {
            errors.add(FieldError.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            addUnsupported(match, errors);
        } else if (!match.isEmpty()) {
            if (version.isEmpty()) {
                errors.add(FieldError.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }
            if (!request.parameter("continue").isEmpty()) {
                errors.add(FieldError.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
            }
            if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
                errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "resourceVersionMatch", MetadataRules.quoted(match),
                        "supported values: \"Exact\", \"NotOlderThan\", \"\""));
            }
            if (match.equals("Exact") && version.equals("0")) {
                errors.add(FieldError.forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
            }
        }
        if (!watch && initial) {
            errors.add(FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if (watch && !request.parameter("continue").isEmpty()) {
            errors.add(FieldError.forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid("meta.k8s.io", "ListOptions", "", errors);
        }
    }

    private static void addUnsupported(String match, List<FieldError> errors) {
        if (!match.isEmpty() && !match.equals("NotOlderThan")) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "resourceVersionMatch", MetadataRules.quoted(match), "supported values: \"NotOlderThan\""));
        }
    }

    /** A number of the query; 0 when it is missing. */
    static long number(ApiRequest request, String name) throws ApiException {
        String text = request.parameter(name);
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("-?[0-9]{1,18}")) {
            throw ApiException.badRequest("strconv.ParseInt: parsing " + MetadataRules.quoted(text) + ": invalid syntax");
        }
        return Long.parseLong(text);
    }

    static void checkNotAhead(long wanted, long newest) throws ApiException {
        if (wanted > newest) {
            JsonObject details = JsonParser.parseString("{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"Too large resource version\"}],"
                    + "\"retryAfterSeconds\":1}").getAsJsonObject();
            throw new ApiException(504, "Timeout", "Timeout: Too large resource version: " + wanted + ", current: " + newest, details);
        }
    }

    /** The token for the part behind a key; has the form that Kubernetes uses. */
    static String token(long revision, String namespace, ResourceType type, ApiStore.Key last) {
        JsonObject token = new JsonObject();
        token.addProperty("v", TOKEN_VERSION);
        token.addProperty("rv", revision);
        token.addProperty("start", (type.namespaced() && namespace.isEmpty() ? last.namespace() + "/" : "") + last.name() + "\0");
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(token));
    }

    /** Base64 for URLs without padding, RFC 4648 section 5. */
    private static void checkAlphabet(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            if (!letter || i == text.length() - 1 && i % 4 == 0) {
                throw new IllegalArgumentException("illegal base64 data at input byte " + i);
            }
        }
    }

    private static ListOptions continued(String text, long limit, ResourceType type, String namespace, long newest) throws ApiException {
        try {
            checkAlphabet(text);
            JsonObject token = JsonBody.read(Base64.getUrlDecoder().decode(text)).tree().getAsJsonObject();
            if (!token.has("rv")) {
                throw new IllegalArgumentException("incorrect encoded start resourceVersion (version " + TOKEN_VERSION + ")");
            }
            if (!token.has("start")) {
                throw new IllegalArgumentException("continue key is empty");
            }
            long revision = token.get("rv").getAsLong();
            String start = token.get("start").getAsString();
            if (!Json.text(token, "v").equals(TOKEN_VERSION) || revision == 0 || revision > newest || !start.endsWith("\0")) {
                throw new IllegalArgumentException("server does not recognize this encoded version");
            }
            String key = start.substring(0, start.length() - 1);
            int slash = type.namespaced() && namespace.isEmpty() ? key.indexOf('/') : -1;
            ApiStore.Key after = type.key(slash < 0 ? namespace : key.substring(0, slash), key.substring(slash + 1));
            return new ListOptions(limit, after, Math.max(0, revision), true);
        } catch (Body.MalformedException | IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
            throw ApiException.badRequest("invalid continue token: continue key is not valid: " + e.getMessage());
        }
    }
}
