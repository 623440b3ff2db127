package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.IssuerDocuments;
import io.kelp.kubeapi.internal.discovery.Documents;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request: who asks, may he, what is it about, the answer. {@link #serve} may block for the store; long lists
 * and watches go on by themselves on the pipeline's own threads.
 */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final int IN_FLIGHT = 400;
    private static final int MAX_QUERY = 64 * 1024;
    private static final int THREADS = 4;
    private static final long CLOSE_SECONDS = 5;
    private static final Set<String> WRITABLE_PARTS = Set.of("status", "finalize", "scale");
    private static final Map<String, String> NEEDED_VERB = Map.of("watch", "watch", "list", "list");

    private final Parts parts;
    private final ApiStore store;
    private final Access access;
    private final Health health;
    private final Bodies bodies;
    private final Mutations mutations;
    private final Scaling scaling;
    private final Listing listing;
    private final Watches watches;
    private final ExecutorService readers;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
    private volatile String refusal = "";
    private final RequestCounts counts = new RequestCounts();
    private final InstantSource clock;

    public Pipeline(Parts parts, InstantSource clock) {
        this.clock = clock;
        this.parts = parts;
        this.store = parts.objects().store();
        this.access = new Access(parts.authenticator(), parts.authorizer());
        this.health = new Health(store);
        this.bodies = new Bodies(parts.catalog());
        this.mutations = new Mutations(parts.objects(), bodies, new Patching(parts.objects(), bodies, parts.patches(), parts.fields(), clock));
        this.scaling = new Scaling(parts.objects(), bodies, parts.patches());
        AtomicInteger number = new AtomicInteger();
        this.readers = Executors.newFixedThreadPool(THREADS, task -> new Thread(task, "kelp-api-read-" + number.incrementAndGet()));
        this.listing = new Listing(store, parts.objects().forms(), readers);
        this.watches = new Watches(store, parts.catalog(), parts.objects().forms(), readers);
    }

    /** Answers a request; every way out starts and ends the response, or leaves it to a watch or a list. */
    public void serve(ApiRequest request, ApiResponse toClient) {
        ApiResponse response = counts.counting(request.method(), toClient);
        Output plain = Output.plain(request);
        if (!inFlight.tryAcquire()) {
            Answers.fail(response, plain, new ApiException(429, "TooManyRequests", "Too many requests, please try again later.", null), List.of());
            return;
        }
        try {
            answer(request, response);
        } catch (ApiException e) {
            Answers.fail(response, plain, e, List.of());
        } catch (ApiStore.StoreException e) {
            // The disk is full or away: expected trouble, whose sentence says what to do. It is logged when it changes.
            if (!e.getMessage().equals(refusal)) {
                refusal = e.getMessage();
                LOG.warn("The store refuses: {}", refusal);
            }
            Answers.fail(response, plain, new ApiException(503, "ServiceUnavailable", e.getMessage(), new JsonObject()), List.of());
        } catch (RuntimeException e) {
            // A fault of ours: the client gets a number to ask the operator about, the log the rest.
            String id = UUID.randomUUID().toString();
            LOG.error("Request {} failed: {} {}", id, request.method(), request.path(), e);
            Answers.fail(response, plain, new ApiException(500, "InternalError", "Internal error occurred: see " + id + " in the server's log", new JsonObject()),
                    List.of());
        } finally {
            inFlight.release();
        }
    }

    private void answer(ApiRequest request, ApiResponse response) throws ApiException {
        User user = access.user(request);
        Target target = Target.of(request);
        if (request.body().length > ApiRequest.MAX_BODY) {
            throw new ApiException(413, "RequestEntityTooLarge", "Request entity too large: limit is " + ApiRequest.MAX_BODY, new JsonObject());
        }
        if (request.query().values().stream().flatMap(List::stream).mapToInt(String::length).sum() > MAX_QUERY) {
            throw ApiException.badRequest("the query is longer than " + MAX_QUERY + " characters");
        }
        access.check(user, target, nameOf(request, target));
        if (target.isResource()) {
            resource(user, target, request, response);
        } else {
            document(target, request, response);
        }
    }

    /** A list of one name is authorized like access to that name. */
    private static String nameOf(ApiRequest request, Target target) throws ApiException {
        String selector = request.parameter("fieldSelector");
        if (!Set.of("list", "watch", "deletecollection").contains(target.verb()) || !selector.contains("metadata.name")) {
            return "";
        }
        try {
            return FieldSelector.parse(selector, Set.of(), true).exactly("metadata.name");
        } catch (ApiException e) {
            return ""; // what is wrong with it is told after authorization
        }
    }

    private void document(Target target, ApiRequest request, ApiResponse response) throws ApiException {
        if (health.answer(target, request, response)) {
            return;
        }
        if (target.path().equals("/")) {
            Answers.send(response, 200, Output.plain(request), index(), List.of());
            return;
        }
        Optional<IssuerDocuments.Document> issued = parts.issuer().apply(target.path(), request.header("host").orElse("localhost"));
        if (issued.isPresent()) {
            Answers.send(response, 200, Answers.headers(issued.get().contentType()), issued.get().body().getBytes(StandardCharsets.UTF_8));
            return;
        }
        Optional<Documents.Document> found = parts.documents().find(target.path(), request.header("accept").orElse(""));
        if (found.isEmpty()) {
            Answers.text(response, 404, "404 page not found\n");
            return;
        }
        if (!Set.of("GET", "HEAD").contains(request.method())) {
            throw ApiException.methodNotAllowed();
        }
        Documents.Document document = found.get();
        Map<String, String> headers = Answers.headers(document.contentType());
        headers.put("Vary", "Accept");
        boolean known = !document.etag().isEmpty() && request.header("if-none-match").orElse("").contains(document.etag());
        if (!document.etag().isEmpty()) {
            headers.put("ETag", document.etag());
        }
        if (known) {
            response.start(304, headers);
            response.end();
        } else {
            Answers.send(response, document.status(), headers, document.body());
        }
    }

    private JsonObject index() {
        Set<String> paths = new TreeSet<>(Set.of("/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"));
        for (ResourceType type : parts.catalog().all()) {
            if (!type.group().isEmpty()) {
                paths.add("/apis/" + type.group());
                paths.add("/apis/" + type.apiVersion());
            }
        }
        JsonArray array = new JsonArray();
        paths.forEach(array::add);
        JsonObject index = new JsonObject();
        index.add("paths", array);
        return index;
    }

    private void resource(User user, Target target, ApiRequest request, ApiResponse response) throws ApiException {
        CreateHandler handler = parts.handlers().get(target.group() + "/" + target.version() + "/" + target.resourcePath());
        if (handler != null) {
            handle(handler, user, target, request, response);
            return;
        }
        Optional<ResourceType> found = parts.catalog().find(target.group(), target.version(), target.resource());
        if (found.isEmpty() || found.get().namespaced() ? misplaced(target, found) : !target.namespace().isEmpty()) {
            unknown(target, found, request, response);
            return;
        }
        ResourceType type = found.get();
        boolean whole = target.subresource().isEmpty();
        if (PodStreams.isMeant(type, target)) {
            new PodStreams(parts.objects()).answer(type, target, response);
            return;
        }
        if (!whole && !type.subresources().contains(target.subresource())) {
            unknown(target, found, request, response);
            return;
        }
        boolean part = !whole && WRITABLE_PARTS.contains(target.subresource());
        if (request.method().equals("HEAD") || !whole && !part || target.verb().isEmpty() || !allowed(type, target, whole)) {
            throw ApiException.methodNotAllowed();
        }
        Output output = Output.of(request, target.isWatch());
        if (target.subresource().equals("scale")) {
            scaling.answer(type, target, request, user, output, response);
            return;
        }
        switch (target.verb()) {
            case "get" -> get(type, target, request, output, response);
            case "list" -> listing.list(type, Selection.of(type, target, request), request, output, response);
            case "watch" -> watches.watch(Selection.of(type, target, request), request, output, response);
            case "create" -> mutations.create(type, target, request, user, output, response);
            case "update" -> mutations.replace(type, target, request, user, output, response);
            case "patch" -> mutations.patch(type, target, request, user, output, response);
            case "delete" -> mutations.delete(type, target, request, output, response);
            default -> mutations.deleteCollection(type, Selection.of(type, target, request), request, output, response);
        }
    }

    /** Namespaced kinds across all namespaces can only be listed and watched. */
    private static boolean misplaced(Target target, Optional<ResourceType> found) {
        return found.isEmpty() || target.namespace().isEmpty() && (!target.name().isEmpty() || !NEEDED_VERB.containsKey(target.verb()));
    }

    private static boolean allowed(ResourceType type, Target target, boolean whole) {
        if (!whole) {
            return target.subresource().equals("finalize") ? target.verb().equals("update") : Set.of("get", "update", "patch").contains(target.verb());
        }
        return type.verbs().contains(target.verb()) && (target.name().isEmpty() == Set.of("list", "watch", "create", "deletecollection").contains(target.verb())
                || target.isWatch());
    }

    private void unknown(Target target, Optional<ResourceType> found, ApiRequest request, ApiResponse response) throws ApiException {
        boolean collection = found.isPresent() && !found.get().custom() && target.name().isEmpty() && target.namespace().isEmpty() == found.get().namespaced();
        if (collection && found.get().namespaced()) {
            throw ApiException.methodNotAllowed();
        }
        if (found.isPresent() && found.get().custom() && !target.subresource().isEmpty() && found.get().namespaced() != target.namespace().isEmpty()) {
            throw ApiException.notFound(found.get().qualified(), target.name());
        }
        boolean builtIn = parts.catalog().all().stream().anyMatch(type -> !type.custom() && type.group().equals(target.group()));
        if (builtIn || found.isPresent() && !target.subresource().isEmpty() && !found.get().custom()) {
            throw ApiException.noSuchPath();
        }
        Answers.text(response, 404, "404 page not found\n");
    }

    private void get(ResourceType type, Target target, ApiRequest request, Output output, ApiResponse response) throws ApiException {
        String version = request.parameter("resourceVersion");
        long wanted = Revisions.parse(version,
                problem -> new ApiException(500, "", "resourceVersion: Invalid value: " + MetadataRules.quoted(version) + ": " + problem, null));
        ListOptions.checkNotAhead(wanted, store.revision());
        ApiStore.Item item = store.get(type.key(target.namespace(), target.name()))
                .orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
        if (parts.objects().forms().passesThrough(type) && output.isStoredForm()) {
            Answers.stored(response, 200, item.value(), List.of());
            return;
        }
        boolean turn = parts.objects().large().take(item.value().length);
        try {
            JsonObject object = parts.objects().forms().read(type, item.value());
            Answers.send(response, 200, output, Presentation.single(type, output, object), List.of());
        } finally {
            parts.objects().large().giveBack(turn);
        }
    }

    private void handle(CreateHandler handler, User user, Target target, ApiRequest request, ApiResponse response) throws ApiException {
        if (!request.method().equals("POST")) {
            throw target.subresource().isEmpty() && !target.name().isEmpty() ? ApiException.noSuchPath() : ApiException.methodNotAllowed();
        }
        Output output = Output.of(request, false);
        Options options = Options.of(request, "CreateOptions", null);
        ResourceType type = handler.bodyType();
        if (type == null && target.subresource().isEmpty()) {
            type = parts.catalog().find(target.group(), target.version(), target.resource()).orElse(null);
        }
        boolean eviction = target.subresource().equals("eviction");
        String apiVersion = type != null ? type.apiVersion() : eviction ? "policy/v1" : "v1";
        String kind = type != null ? type.kind() : eviction ? "Eviction" : "Binding";
        Body body = bodies.object(request, apiVersion, kind);
        JsonObject object = (JsonObject) body.tree();
        List<String> warnings = new ArrayList<>();
        if (type != null) {
            bodies.checkKind(type, object, request.body());
            object = parts.objects().intake().acceptBody(type, object, body.duplicates(), options.validation(), warnings);
            parts.fields().track(null, object, type, options.manager(), target.subresource(), clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        } else {
            bodies.checkKind(apiVersion, kind, object);
        }
        JsonObject result = handler.create(user, target.namespace(), target.name(), object);
        Answers.send(response, 201, output, result, warnings);
    }

    /** What has been answered, and what is open: by metric name. */
    public Map<String, Long> metricValues() {
        Map<String, Long> values = new LinkedHashMap<>(counts.values());
        values.put("kelp_api_requests_in_flight", (long) (IN_FLIGHT - inFlight.availablePermits()));
        values.put("kelp_api_watches", (long) watches.count());
        values.put("kelp_api_store_revision", store.revision());
        return values;
    }

    /** Ends watches and lists; requests that are being answered may still go on. */
    @Override
    public void close() {
        watches.close();
        readers.shutdownNow();
        try {
            if (!readers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Reading did not end within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
