package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * In which form an answer is wanted: told from {@code Accept}, {@code pretty} and {@code includeObject}.
 *
 * @param as what becomes of objects
 * @param metaVersion version of {@code meta.k8s.io} for tables and metadata, {@code v1} or {@code v1beta1}
 * @param include {@code includeObject} of tables
 */
record Output(boolean yaml, As as, String metaVersion, Include include, boolean pretty) {

    /** What is shown of objects. */
    enum As { OBJECT, TABLE, METADATA }

    /** What a row of a table carries beside its cells. */
    enum Include { NONE, METADATA, OBJECT }

    static final Output JSON = new Output(false, As.OBJECT, "v1", Include.METADATA, false);

    private static final Pattern READERS = Pattern.compile("^(curl|Wget|Mozilla/5\\.0).*");
    private static final int MAX_TYPES = 32;

    private record Media(String type, String as, String group, String version, double quality) {}

    /** Whether objects are shown as they are stored. */
    boolean isStoredForm() {
        return as == As.OBJECT && !yaml && !pretty;
    }

    String contentType() {
        return yaml ? "application/yaml" : "application/json";
    }

    String metaApiVersion() {
        return "meta.k8s.io/" + metaVersion;
    }

    /** For errors and what is no object: never refuses. */
    static Output plain(ApiRequest request) {
        List<Media> wanted = wanted(request);
        boolean yaml = !wanted.isEmpty() && wanted.get(0).type.equals("application/yaml");
        return new Output(yaml, As.OBJECT, "v1", Include.METADATA, pretty(request));
    }

    static Output of(ApiRequest request, boolean watch) throws ApiException {
        List<Media> wanted = wanted(request);
        boolean known = false;
        for (Media media : wanted) {
            boolean yaml = media.type.equals("application/yaml");
            boolean json = media.type.equals("application/json") || media.type.equals("*/*") || media.type.equals("application/*");
            known |= yaml || json;
            As as = media.as.isEmpty() ? As.OBJECT : switch (media.as) {
                case "Table" -> As.TABLE;
                case "PartialObjectMetadata", "PartialObjectMetadataList" -> As.METADATA;
                default -> null;
            };
            boolean meta = as == As.OBJECT || media.group.equals("meta.k8s.io") && (media.version.equals("v1") || media.version.equals("v1beta1"));
            if ((json || yaml && !watch) && as != null && meta) {
                return new Output(yaml, as, media.version.isEmpty() ? "v1" : media.version, as == As.TABLE ? include(request) : Include.METADATA,
                        pretty(request) && !watch);
            }
        }
        if (known) {
            throw new ApiException(406, "NotAcceptable", "only the following media types are accepted: " + (watch
                    ? "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
                    : "application/json, application/yaml, application/vnd.kubernetes.protobuf"), null);
        }
        throw new ApiException(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml,"
                + " application/vnd.kubernetes.protobuf", new JsonObject());
    }

    private static Include include(ApiRequest request) throws ApiException {
        return switch (request.parameter("includeObject")) {
            case "", "Metadata" -> Include.METADATA;
            case "Object" -> Include.OBJECT;
            case "None" -> Include.NONE;
            default -> throw ApiException.badRequest("Unable to convert to Table as requested: includeObject: Invalid value: "
                    + MetadataRules.quoted(request.parameter("includeObject")) + ": must be 'Metadata', 'Object', 'None', or empty");
        };
    }

    private static boolean pretty(ApiRequest request) {
        String pretty = request.parameter("pretty");
        if (request.has("pretty")) {
            return !pretty.equals("false") && !pretty.equals("0");
        }
        return READERS.matcher(request.header("user-agent").orElse("")).matches();
    }

    private static List<Media> wanted(ApiRequest request) {
        String accept = request.header("accept").orElse("");
        if (accept.isBlank()) {
            return List.of(new Media("*/*", "", "", "", 1));
        }
        List<Media> list = new ArrayList<>();
        for (String part : accept.split(",", MAX_TYPES + 1)) {
            if (list.size() < MAX_TYPES) {
                list.add(media(part));
            }
        }
        list.sort(Comparator.comparingDouble(Media::quality).reversed());
        return list;
    }

    private static Media media(String text) {
        String[] parts = text.split(";");
        String as = "";
        String group = "";
        String version = "";
        double quality = 1;
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].trim().split("=", 2);
            String value = pair.length > 1 ? pair[1].trim() : "";
            switch (pair[0]) {
                case "as" -> as = value;
                case "g" -> group = value;
                case "v" -> version = value;
                case "q" -> quality = value.matches("[01](\\.[0-9]{0,3})?") ? Double.parseDouble(value) : 1;
                default -> { } // stream=watch, charset and the like change nothing
            }
        }
        return new Media(parts[0].trim().toLowerCase(Locale.ROOT), as, group, version, quality);
    }
}
