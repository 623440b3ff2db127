package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.device.DesiredWriter;
import io.kelp.cloud.device.DeviceValues;
import io.kelp.cloud.history.PropertyHistory;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.cloud.method.MethodCalls;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * The page of the cloud service and what it asks for under {@code /api/ui/}. It keeps nothing: what it shows is what
 * the API server and the gateways said, what is clicked becomes a write to the API server by field manager {@code kelp-page}.
 *
 * <table>
 * <caption>All answers are JSON objects; refusals have {@code error}, a sentence</caption>
 * <tr><td>{@code GET nodes?q=&limit=}</td><td>gateways whose name, state and version contain all words of {@code q}:
 *     {@code total}, {@code ready}, {@code matched}, {@code items}</td></tr>
 * <tr><td>{@code GET nodes/NAME}, {@code nodes/NAME/events}, {@code nodes/NAME/pods}</td><td>one gateway; its Kubernetes Events, newest
 *     first; its pods with {@code status}, {@code ready} of {@code containers}, {@code restarts}, {@code images}</td></tr>
 * <tr><td>{@code GET devices?q=&node=&limit=}</td><td>devices with their first values and the number of properties that
 *     are not yet as desired</td></tr>
 * <tr><td>{@code GET devices/NAMESPACE/NAME}</td><td>one device: {@code properties[]} with {@code control}, {@code desired},
 *     {@code reported.value}, {@code reported.at} (ms, clock of the gateway), {@code pending}</td></tr>
 * <tr><td>{@code POST devices/NAMESPACE/NAME/desired}</td><td>{@code {"property": "status", "value": "ON"}}; values are strings.
 *     422 when the model does not allow it, else what the API server says</td></tr>
 * <tr><td>{@code GET history?device=NAMESPACE/NAME&property=P&from=MS&to=MS&most=N}</td><td>what a property was: {@code points} of
 *     {@code [ms, count, min, mean, max]} or {@code [ms, count, text]}, and a {@code note} when the gateway did not tell it. 503 when too much is asked</td></tr>
 * <tr><td>{@code POST devices/NAMESPACE/NAME/call}</td><td>{@code {"method": "move", "arguments": {"x": "7"}}}: makes a DeviceMethodCall;
 *     what comes of it is in {@code methods[].last} of the device</td></tr>
 * <tr><td>{@code GET join}, {@code POST join/token}</td><td>hosts and ports for {@code kelp join}; the token, {@code {}} is the body</td></tr>
 * <tr><td>{@code GET events?device=NAMESPACE/NAME&lists=nodes,devices}</td><td>server-sent events: {@code hello},
 *     {@code device} (the whole device, {@code null} when it is gone, at most ten a second), {@code nodes} and {@code devices}
 *     (read that list again, at most once a second), {@code beat} (every 3 s when nothing else came). 503 beyond 50 streams</td></tr>
 * </table>
 *
 * <p>Lists hold at most {@code limit} items, 200 if not said, 1000 at most. Every answer has {@code now}, our clock. Requests
 * for other host names than the local ones, or from pages of other sites, get 403. No method blocks.
 */
public final class PageHandler extends Handler.Abstract.NonBlocking implements AutoCloseable {

    /** In {@code managedFields} of what was changed by a click. */
    public static final String FIELD_MANAGER = "kelp-page";

    private static final String API = "/api/ui/";
    private static final String NODES = "/api/v1/nodes";
    private static final String EDGE_LABEL = "node-role.kubernetes.io/edge";
    private static final int MAX_BODY = 16 * 1024;
    private static final int MAX_TEXT = 200;
    private static final int LIMIT = 200;
    private static final int MAX_LIMIT = 1000;
    private static final int MAX_EVENTS = 20;
    private static final String NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private final KubeApi kube;
    private final DesiredWriter writer;
    private final Function<String, Stream<JsonObject>> podsOn;
    private final JoinInfo join;
    private final ObjectCache<NodeView> nodes;
    private final Documents documents;
    private final EventStreams streams;
    private final DeviceRequests requests;
    private final Runnable endOfListening;
    private final Assets assets = new Assets();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong refusedWrites = new AtomicLong();

    /**
     * Follows the Nodes of gateways from here on.
     *
     * @param isConnected whether a gateway of this node name is connected now
     * @param podsOn the pods bound to the Node of this name
     */
    public PageHandler(KubeApi kube, DeviceValues values, DesiredWriter writer, PropertyHistory history, MethodCalls methods,
            Predicate<String> isConnected, Function<String, Stream<JsonObject>> podsOn, JoinInfo join, String version) {
        this(kube, values, writer, history, methods, isConnected, podsOn, join, version, System::currentTimeMillis, EventStreams.Settings.defaults());
    }

    PageHandler(KubeApi kube, DeviceValues values, DesiredWriter writer, PropertyHistory history, MethodCalls methods, Predicate<String> isConnected,
            Function<String, Stream<JsonObject>> podsOn, JoinInfo join, String version, LongSupplier clock, EventStreams.Settings settings) {
        this.kube = kube;
        this.writer = writer;
        this.podsOn = podsOn;
        this.join = join;
        NodeListener listener = new NodeListener();
        this.nodes = kube.follow(NODES, Map.of("labelSelector", EDGE_LABEL), NodeView::of, listener);
        this.documents = new Documents(values, nodes, isConnected, history::connectedSince, methods::callsOf, clock);
        this.streams = new EventStreams(settings, documents::device, clock, version);
        listener.streams = streams;
        this.requests = new DeviceRequests(values, history, methods, FIELD_MANAGER);
        this.endOfListening = values.listen(streams::deviceChanged);
        methods.listen(streams::deviceChanged);
        history.onConnected(node -> streams.nodesChanged());
    }

    /** Whether the page answers for this path. */
    boolean claims(String path) {
        return path.startsWith(API) || assets.has(path);
    }

    /** Figures for {@code /metrics}. */
    public Map<String, Long> metricValues() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("kelp_page_streams", (long) streams.count());
        values.put("kelp_page_writes_total", writes.get());
        values.put("kelp_page_writes_refused_total", refusedWrites.get());
        return values;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Assets.protect(response);
        Optional<String> refusal = Origin.refusal(request);
        String path = Request.getPathInContext(request);
        String method = request.getMethod();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        if (refusal.isPresent()) {
            Replies.refuseUnread(response, callback, 403, refusal.get());
        } else if (!path.startsWith(API)) {
            if (reads) {
                assets.answer(path, response, callback);
            } else {
                Replies.notAllowed(response, callback, "GET, HEAD");
            }
        } else {
            String[] parts = path.substring(API.length()).split("/", -1);
            if (isWrite(parts)) {
                write(parts, request, response, callback);
            } else if (reads) {
                read(parts, request, response, callback);
            } else {
                Replies.notAllowed(response, callback, "GET, HEAD");
            }
        }
        return true;
    }

    private static boolean isWrite(String[] parts) {
        return parts.length == 4 && parts[0].equals("devices") && (parts[3].equals("desired") || parts[3].equals("call"))
                || parts.length == 2 && parts[0].equals("join") && parts[1].equals("token");
    }

    private void read(String[] parts, Request request, Response response, Callback callback) {
        Fields query = Request.extractQueryParameters(request);
        Optional<JsonObject> answer = Optional.empty();
        if (parts.length == 1) {
            switch (parts[0]) {
                case "nodes" -> answer = Optional.of(documents.nodes(filter(query)));
                case "devices" -> answer = Optional.of(documents.devices(filter(query)));
                case "history" -> {
                    requests.history(query, response, callback);
                    return;
                }
                case "join" -> answer = Optional.of(join.json());
                case "events" -> {
                    if (!request.getMethod().equals("GET")) {
                        Replies.notAllowed(response, callback, "GET");
                        return;
                    }
                    events(query, request, response, callback);
                    return;
                }
                default -> { }
            }
        } else if (parts.length == 2 && parts[0].equals("nodes")) {
            answer = documents.node(parts[1]);
        } else if (parts.length == 3 && parts[0].equals("nodes") && parts[2].equals("events") && parts[1].matches(NAME)) {
            nodeEvents(parts[1], response, callback);
            return;
        } else if (parts.length == 3 && parts[0].equals("nodes") && parts[2].equals("pods")) {
            answer = Optional.of(documents.pods(podsOn.apply(parts[1])));
        } else if (parts.length == 3 && parts[0].equals("devices")) {
            answer = documents.device(parts[1], parts[2]);
        }
        if (answer.isPresent()) {
            Replies.json(response, callback, 200, answer.get());
        } else {
            Replies.refuse(response, callback, 404, "There is no such thing.");
        }
    }

    private static Documents.Filter filter(Fields query) {
        String limit = value(query, "limit");
        int number = limit.matches("[0-9]{1,5}") ? Math.min(MAX_LIMIT, Integer.parseInt(limit)) : LIMIT;
        return new Documents.Filter(value(query, "q"), value(query, "node"), number);
    }

    private static String value(Fields query, String name) {
        String value = query.getValue(name);
        return value == null ? "" : value.substring(0, Math.min(value.length(), MAX_TEXT));
    }

    private void events(Fields query, Request request, Response response, Callback callback) {
        String device = query.getValue("device") == null ? "" : query.getValue("device");
        if (!device.isEmpty() && !device.matches(NAME + "/" + NAME)) {
            Replies.refuse(response, callback, 400, "device must be NAMESPACE/NAME.");
            return;
        }
        String lists = "," + value(query, "lists") + ",";
        int marks = (lists.contains(",nodes,") ? EventStream.NODES : 0) | (lists.contains(",devices,") ? EventStream.DEVICES : 0);
        if (!streams.open(device, marks, request, response, callback)) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "10");
            Replies.refuse(response, callback, 503, "Too many pages are open; close one.");
        }
    }

    private void nodeEvents(String node, Response response, Callback callback) {
        kube.get("/api/v1/namespaces/default/events?limit=500&fieldSelector=involvedObject.kind%3DNode%2CinvolvedObject.name%3D" + node)
                .whenComplete((list, problem) -> {
                    if (problem == null) {
                        Replies.json(response, callback, 200, events(list));
                    } else {
                        Replies.refuse(response, callback, problem);
                    }
                });
    }

    private static JsonObject events(JsonObject list) {
        JsonArray items = new JsonArray();
        if (list.get("items") instanceof JsonArray all) {
            StreamSupport.stream(all.spliterator(), false).filter(JsonObject.class::isInstance).map(JsonObject.class::cast)
                    .map(PageHandler::event).sorted(Comparator.comparing((JsonObject e) -> NodeView.text(e, "at")).reversed())
                    .limit(MAX_EVENTS).forEach(items::add);
        }
        JsonObject answer = new JsonObject();
        answer.add("items", items);
        return answer;
    }

    private static JsonObject event(JsonObject event) {
        JsonObject shown = new JsonObject();
        String at = NodeView.text(event, "lastTimestamp");
        at = at.isEmpty() ? NodeView.text(event, "eventTime") : at;
        shown.addProperty("at", at.isEmpty() ? NodeView.text(NodeView.object(event, "metadata"), "creationTimestamp") : at);
        for (String key : new String[] {"type", "reason", "message", "count"}) {
            shown.addProperty(key, NodeView.text(event, key));
        }
        return shown;
    }

    private void write(String[] parts, Request request, Response response, Callback callback) {
        Optional<String> refusal = Origin.refusalOfWrite(request);
        if (!request.getMethod().equals("POST")) {
            Replies.notAllowed(response, callback, "POST");
        } else if (refusal.isPresent()) {
            Replies.refuseUnread(response, callback, 415, refusal.get());
        } else if (request.getLength() > MAX_BODY) {
            Replies.refuseUnread(response, callback, 413, "The body is larger than " + MAX_BODY + " bytes.");
        } else {
            @SuppressWarnings("removal") // Jetty 12.0 has no other way to read up to a limit
            CompletableFuture<byte[]> read = Content.Source.asByteArrayAsync(request, MAX_BODY);
            read.whenComplete((body, problem) -> {
                Optional<JsonObject> content = problem == null ? parse(body) : Optional.empty();
                if (content.isEmpty()) {
                    Replies.refuseUnread(response, callback, 400, "The body is no JSON object of at most " + MAX_BODY + " bytes.");
                } else if (parts[0].equals("join")) {
                    token(response, callback);
                } else if (parts[3].equals("call")) {
                    requests.call(parts[1], parts[2], content.get(), response, callback);
                } else {
                    desired(parts[1], parts[2], content.get(), response, callback);
                }
            });
        }
    }

    private static Optional<JsonObject> parse(byte[] body) {
        try {
            JsonElement element = JsonParser.parseString(new String(body, StandardCharsets.UTF_8));
            return element instanceof JsonObject object ? Optional.of(object) : Optional.empty();
        } catch (JsonParseException | StackOverflowError e) {
            return Optional.empty(); // deep nesting has no other limit
        }
    }

    private void token(Response response, Callback callback) {
        join.token().get().whenComplete((token, problem) -> {
            if (problem != null) {
                Replies.refuse(response, callback, problem);
                return;
            }
            JsonObject answer = new JsonObject();
            answer.addProperty("token", token);
            Replies.json(response, callback, 200, answer);
        });
    }

    private void desired(String namespace, String name, JsonObject body, Response response, Callback callback) {
        if (!(body.get("property") instanceof JsonPrimitive property) || !property.isString()
                || !(body.get("value") instanceof JsonPrimitive value) || !value.isString()) {
            Replies.refuse(response, callback, 400, "The body needs \"property\" and \"value\", both strings.");
            return;
        }
        Optional<PropertyControl> control = documents.control(namespace, name, property.getAsString());
        if (control.isEmpty()) {
            Replies.refuse(response, callback, 404, "There is no such device, or it has no such property.");
            return;
        }
        Optional<String> refusal = control.get().refusal(value.getAsString());
        if (refusal.isPresent()) {
            refusedWrites.incrementAndGet();
            Replies.refuse(response, callback, 422, refusal.get());
            return;
        }
        writes.incrementAndGet();
        writer.write(namespace, name, property.getAsString(), value.getAsString()).whenComplete((device, problem) -> {
            if (problem != null) {
                refusedWrites.incrementAndGet();
                Replies.refuse(response, callback, problem);
                return;
            }
            JsonObject answer = new JsonObject();
            answer.addProperty("resourceVersion", NodeView.text(NodeView.object(device, "metadata"), "resourceVersion"));
            Replies.json(response, callback, 200, answer);
        });
    }

    /** Ends what the pages listen to. */
    @Override
    public void close() {
        endOfListening.run();
        nodes.close();
        streams.close();
    }

    private static final class NodeListener implements ObjectCache.Listener<NodeView> {

        private volatile EventStreams streams; // there as soon as a page can be open

        @Override
        public void changed(NodeView before, NodeView now) {
            if (streams != null && !now.equals(before)) {
                streams.nodesChanged();
            }
        }

        @Override
        public void removed(NodeView last) {
            if (streams != null) {
                streams.nodesChanged();
            }
        }
    }
}
