package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.schema.Schema;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Documents made from the catalog when they are asked for, and kept until it changes; the large ones only as long as nobody needs their
 * memory.
 */
public final class CatalogDocuments implements Documents {

    private static final String JSON = "application/json";
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /** Documents of one edition of the catalog. */
    private record Edition(long number, Map<String, SoftReference<Document>> documents) {}

    private final ResourceCatalog catalog;
    private final String gitVersion;
    private final Map<String, Schema> structs;
    private volatile Edition edition = new Edition(0, Map.of());

    /** @param gitVersion what {@code /version} says, for example {@code v1.34.4+kelp} */
    public CatalogDocuments(ResourceCatalog catalog, String gitVersion) {
        this(catalog, gitVersion, Map.of());
    }

    /** @param structs schemas that parts of built-in kinds have in common, by the names that Kubernetes' documents have for them */
    public CatalogDocuments(ResourceCatalog catalog, String gitVersion, Map<String, Schema> structs) {
        this.catalog = catalog;
        this.gitVersion = gitVersion;
        this.structs = Collections.unmodifiableMap(new LinkedHashMap<>(structs));
    }

    @Override
    public Optional<Document> find(String path, String accept) {
        String plain = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (plain.equals("/version")) {
            return Optional.of(kept("/version", () -> json(version(), "")));
        }
        if (plain.equals("/api") || plain.equals("/apis")) {
            return Optional.of(root(plain, accept));
        }
        if (plain.startsWith("/openapi/")) {
            return openApi(plain, accept);
        }
        if (plain.startsWith("/api/") || plain.startsWith("/apis/")) {
            return resources(plain);
        }
        return Optional.empty();
    }

    private Document root(String path, String accept) {
        for (Media media : Media.parse(accept)) {
            if (media.is("application/json") && media.parameter("as").equals("APIGroupDiscoveryList")
                    && media.parameter("g").equals("apidiscovery.k8s.io") && media.parameter("v").equals("v2")) {
                return kept("aggregated" + path, () -> aggregated(path.equals("/api")));
            }
            if (media.parameter("as").isEmpty() && media.covers(JSON)) {
                Discovery discovery = new Discovery(catalog.all());
                return kept(path, () -> json(path.equals("/api") ? discovery.coreVersions() : discovery.groups(), ""));
            }
        }
        return notAcceptable();
    }

    private Document aggregated(boolean core) {
        byte[] body = bytes(new Discovery(catalog.all()).aggregated(core));
        return new Document(200, AGGREGATED, body, '"' + hash(body) + '"');
    }

    private Optional<Document> resources(String path) {
        Discovery discovery = new Discovery(catalog.all());
        String[] parts = path.substring(1).split("/");
        Supplier<Optional<JsonObject>> document = parts[0].equals("api")
                ? () -> parts.length == 2 ? discovery.resources("", parts[1]) : Optional.empty()
                : () -> parts.length == 2 ? discovery.group(parts[1]) : parts.length == 3 ? discovery.resources(parts[1], parts[2]) : Optional.empty();
        return document.get().map(body -> json(body, ""));
    }

    private Optional<Document> openApi(String path, String accept) {
        if (path.equals("/openapi/v2")) {
            return Optional.of(openApiV2(path, accept));
        }
        if (path.equals("/openapi/v3")) {
            // The server says "text/plain" of this one; clients do not look.
            return Optional.of(kept(path, () -> json(index(), "")));
        }
        String name = path.startsWith("/openapi/v3/") ? path.substring("/openapi/v3/".length()) : "";
        OpenApiV3 documents = new OpenApiV3(catalog.all(), structs);
        if (!documents.names().contains(name)) {
            return Optional.empty();
        }
        return Optional.of(accepts(accept) ? kept(path, () -> new Document(200, JSON, bytes(documents.document(name)), '"' + hash(documents, name) + '"'))
                : notAcceptable());
    }

    private Document openApiV2(String path, String accept) {
        for (Media media : Media.parse(accept)) {
            if (media.covers(JSON)) {
                return kept(path, () -> tagged(new OpenApiV2(catalog.all(), structs).document()));
            }
            if (media.is(OpenApiV2Wire.ASKED) || media.is(OpenApiV2Wire.TYPE)) {
                return kept(path + " protobuf", () -> {
                    byte[] bytes = OpenApiV2Wire.bytes(new OpenApiV2(catalog.all(), structs).document());
                    return new Document(200, OpenApiV2Wire.TYPE, bytes, '"' + hash(bytes) + '"');
                });
            }
        }
        return notAcceptable();
    }

    private JsonObject index() {
        OpenApiV3 documents = new OpenApiV3(catalog.all(), structs);
        JsonObject paths = new JsonObject();
        for (String name : documents.names()) {
            JsonObject url = new JsonObject();
            url.addProperty("serverRelativeURL", "/openapi/v3/" + name + "?hash=" + hash(documents, name));
            paths.add(name, url);
        }
        JsonObject index = new JsonObject();
        index.add("paths", paths);
        return index;
    }

    private String hash(OpenApiV3 documents, String name) {
        return hash((gitVersion + documents.fingerprint(name)).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean accepts(String accept) {
        return Media.parse(accept).stream().anyMatch(media -> media.covers(JSON));
    }

    private JsonObject version() {
        String[] numbers = gitVersion.replaceFirst("^v", "").split("[.+-]");
        String major = numbers[0];
        String minor = numbers.length > 1 ? numbers[1] : "0";
        JsonObject version = new JsonObject();
        version.addProperty("major", major);
        version.addProperty("minor", minor);
        version.addProperty("emulationMajor", major);
        version.addProperty("emulationMinor", minor);
        version.addProperty("minCompatibilityMajor", major);
        version.addProperty("minCompatibilityMinor", minor.matches("[1-9]\\d{0,3}") ? Integer.toString(Integer.parseInt(minor) - 1) : minor);
        version.addProperty("gitVersion", gitVersion);
        version.addProperty("gitCommit", "");
        version.addProperty("gitTreeState", "");
        version.addProperty("buildDate", "1970-01-01T00:00:00Z");
        version.addProperty("goVersion", "");
        version.addProperty("compiler", "");
        version.addProperty("platform", "java/" + Runtime.version().feature());
        return version;
    }

    /** A document of the catalog as it is now; made anew when the catalog has changed, or memory was short. */
    private Document kept(String key, Supplier<Document> make) {
        long number = catalog.edition();
        Edition current = edition;
        if (current.number() != number) {
            current = new Edition(number, new ConcurrentHashMap<>());
            edition = current;
        }
        SoftReference<Document> reference = current.documents().get(key);
        Document document = reference == null ? null : reference.get();
        if (document == null) {
            document = make.get();
            // What was made while the catalog changed may be newer than its edition, never older.
            current.documents().put(key, new SoftReference<>(document));
        }
        return document;
    }

    private static Document tagged(JsonObject body) {
        byte[] bytes = bytes(body);
        return new Document(200, JSON, bytes, '"' + hash(bytes) + '"');
    }

    private static Document json(JsonObject body, String etag) {
        return new Document(200, JSON, bytes(body), etag);
    }

    private static Document notAcceptable() {
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("apiVersion", "v1");
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Failure");
        status.addProperty("message", "only the following media types are accepted: application/json");
        status.addProperty("reason", "NotAcceptable");
        status.addProperty("code", 406);
        return new Document(406, JSON, bytes(status), "");
    }

    private static byte[] bytes(JsonObject body) {
        return (body + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(bytes)).toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-512", e);
        }
    }

    static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
