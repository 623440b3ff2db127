package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.device.DeviceDescription.Property;
import io.kelp.cloud.device.DeviceValues;
import io.kelp.cloud.device.DeviceValues.Snapshot;
import io.kelp.cloud.device.DeviceValues.Value;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.cloud.method.MethodCall;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** What the page shows, as JSON, made from memory when it is asked for. Safe for use by several threads. */
final class Documents {

    /** What the page's device list shows of a device without opening it. */
    private static final int MAX_PODS = 500;
    private static final int VALUES_IN_LIST = 4;
    private static final int TEXT_IN_LIST = 60;

    private final DeviceValues values;
    private final ObjectCache<NodeView> nodes;
    private final Predicate<String> isConnected;
    private final ToLongFunction<String> connectedSince;
    private final BiFunction<String, String, List<MethodCall>> calls;
    private final LongSupplier clock;

    /**
     * @param connectedSince Unix time in milliseconds by node, 0 when it is not connected here
     * @param calls of a device's methods, by namespace and name of the device
     * @param clock Unix time in milliseconds
     */
    Documents(DeviceValues values, ObjectCache<NodeView> nodes, Predicate<String> isConnected, ToLongFunction<String> connectedSince,
            BiFunction<String, String, List<MethodCall>> calls, LongSupplier clock) {
        this.connectedSince = connectedSince;
        this.calls = calls;
        this.values = values;
        this.nodes = nodes;
        this.isConnected = isConnected;
        this.clock = clock;
    }

    /** Which entries of a list are wanted: all words of {@code text} occur in them; not more than {@code limit}. */
    record Filter(String text, String node, int limit) {

        private boolean matches(String entry) {
            String lower = entry.toLowerCase(Locale.ROOT);
            for (String word : text.toLowerCase(Locale.ROOT).split("\\s+")) {
                if (!lower.contains(word)) {
                    return false;
                }
            }
            return true;
        }
    }

    JsonObject nodes(Filter filter) {
        Map<String, Integer> devices = new HashMap<>();
        values.summaries().forEach(device -> devices.merge(device.node(), 1, Integer::sum));
        List<NodeView> all = new ArrayList<>(nodes.all());
        List<NodeView> matched = all.stream().filter(node -> filter.matches(node.name() + " " + node.state() + " " + node.version()))
                .sorted(Comparator.comparing(NodeView::name)).toList();
        JsonArray items = new JsonArray();
        matched.stream().limit(filter.limit()).forEach(node ->
                items.add(node.json(isConnected.test(node.name()), devices.getOrDefault(node.name(), 0))));
        JsonObject list = list(all.size(), matched.size(), items);
        list.addProperty("ready", all.stream().filter(node -> node.state().equals("Ready")).count());
        return list;
    }

    Optional<JsonObject> node(String name) {
        return nodes.get("", name).map(node -> stamped(node.json(isConnected.test(name),
                (int) values.summaries().stream().filter(device -> device.node().equals(name)).count())));
    }

    /** @param pods of one gateway; at most {@value #MAX_PODS} are told */
    JsonObject pods(Stream<JsonObject> pods) {
        List<JsonObject> all = pods.map(PodRow::of).sorted(Comparator.comparing((JsonObject row) -> NodeView.text(row, "namespace"))
                .thenComparing(row -> NodeView.text(row, "name"))).toList();
        JsonArray items = new JsonArray();
        all.stream().limit(MAX_PODS).forEach(items::add);
        return list(all.size(), all.size(), items);
    }

    JsonObject devices(Filter filter) {
        List<DeviceValues.Summary> all = new ArrayList<>(values.summaries());
        List<DeviceValues.Summary> matched = all.stream()
                .filter(device -> filter.node().isEmpty() || device.node().equals(filter.node()))
                .filter(device -> filter.matches(device.namespace() + "/" + device.name() + " " + device.node() + " " + device.model()))
                .sorted(Comparator.comparing(DeviceValues.Summary::namespace).thenComparing(DeviceValues.Summary::name)).toList();
        JsonArray items = new JsonArray();
        matched.stream().limit(filter.limit()).flatMap(device -> row(device).stream()).forEach(items::add);
        return list(all.size(), matched.size(), items);
    }

    private Optional<JsonObject> row(DeviceValues.Summary device) {
        return device(device.namespace(), device.name()).map(whole -> {
            JsonObject row = new JsonObject();
            for (String key : List.of("namespace", "name", "node", "nodeState", "model", "state")) {
                row.add(key, whole.get(key));
            }
            JsonArray shown = new JsonArray();
            int pending = 0;
            for (var element : whole.getAsJsonArray("properties")) {
                JsonObject property = element.getAsJsonObject();
                pending += property.get("pending").getAsBoolean() ? 1 : 0;
                if (shown.size() < VALUES_IN_LIST && property.get("reported") instanceof JsonObject reported) {
                    JsonObject value = new JsonObject();
                    value.add("name", property.get("name"));
                    value.addProperty("value", shortened(reported.get("value").getAsString()));
                    value.add("unit", property.get("unit"));
                    shown.add(value);
                }
            }
            row.add("values", shown);
            row.addProperty("pending", pending);
            return row;
        });
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_IN_LIST ? text : text.substring(0, TEXT_IN_LIST) + "…";
    }

    /** A device with all its properties; empty when there is none of this name. */
    Optional<JsonObject> device(String namespace, String name) {
        Optional<DeviceDescription> description = values.describe(namespace, name);
        Optional<Snapshot> snapshot = values.device(namespace, name);
        if (description.isEmpty() || snapshot.isEmpty()) {
            return Optional.empty();
        }
        DeviceDescription device = description.get();
        Snapshot now = snapshot.get();
        JsonObject json = new JsonObject();
        json.addProperty("namespace", namespace);
        json.addProperty("name", name);
        json.addProperty("uid", device.uid());
        json.addProperty("api", now.classic() ? "v1alpha2" : "v1beta1");
        json.addProperty("description", device.description());
        json.addProperty("model", device.model());
        json.addProperty("hasModel", device.hasModel());
        json.addProperty("protocol", device.protocol());
        json.addProperty("created", device.created());
        json.addProperty("node", now.node());
        json.addProperty("nodeState", nodes.get("", now.node()).map(NodeView::state).orElse(""));
        json.addProperty("nodeSince", nodes.get("", now.node()).map(NodeView::since).orElse(""));
        json.addProperty("state", now.state());
        json.addProperty("lastOnline", now.lastOnlineTime());
        json.addProperty("desiredSince", device.desiredSinceMillis());
        JsonArray properties = new JsonArray();
        device.properties().forEach(property -> properties.add(property(property, now)));
        json.add("properties", properties);
        json.addProperty("connectedSince", connectedSince.applyAsLong(now.node()));
        if (!device.methods().isEmpty()) {
            json.add("methods", methods(device, calls.apply(namespace, name)));
        }
        return Optional.of(stamped(json));
    }

    private static JsonArray methods(DeviceDescription device, List<MethodCall> calls) {
        JsonArray methods = new JsonArray();
        for (DeviceDescription.Method method : device.methods()) {
            JsonObject json = new JsonObject();
            json.addProperty("name", method.name());
            json.addProperty("description", method.description());
            JsonArray names = new JsonArray();
            method.properties().forEach(names::add);
            json.add("properties", names);
            calls.stream().filter(call -> call.method().equals(method.name()))
                    .max(Comparator.comparing(MethodCall::createdMillis).thenComparing(MethodCall::name)).ifPresent(call -> json.add("last", call(call)));
            methods.add(json);
        }
        return methods;
    }

    private static JsonObject call(MethodCall call) {
        JsonObject json = new JsonObject();
        json.addProperty("name", call.name());
        json.addProperty("at", call.createdMillis());
        json.addProperty("phase", call.status().phase().name().toLowerCase(Locale.ROOT));
        json.addProperty("reason", call.status().reason());
        json.addProperty("message", call.status().message());
        JsonObject values = new JsonObject();
        call.status().values().forEach(values::addProperty);
        json.add("values", values);
        return json;
    }

    private static JsonObject property(Property property, Snapshot now) {
        Optional<Value> desired = Optional.ofNullable(now.desired().get(property.name()));
        Optional<Value> reported = Optional.ofNullable(now.reported().get(property.name()));
        PropertyControl control = control(property, now);
        JsonObject json = new JsonObject();
        json.addProperty("name", property.name());
        json.addProperty("description", property.description());
        json.addProperty("type", property.type().name());
        json.addProperty("unit", property.unit());
        json.add("control", control.json());
        desired.ifPresent(value -> json.addProperty("desired", value.value()));
        reported.ifPresent(value -> {
            JsonObject said = new JsonObject();
            said.addProperty("value", value.value());
            said.addProperty("at", value.timestampMillis());
            if (!value.quality().isEmpty()) {
                said.addProperty("quality", value.quality());
            }
            if (!value.error().isEmpty()) {
                said.addProperty("error", value.error());
            }
            json.add("reported", said);
        });
        json.addProperty("pending", desired.filter(value -> control.isPending(value.value(), reported.map(Value::value))).isPresent());
        return json;
    }

    private static PropertyControl control(Property property, Snapshot now) {
        return PropertyControl.of(property, text(now.desired().get(property.name())), text(now.reported().get(property.name())));
    }

    /** How a property is set; empty when there is no such device or property. */
    Optional<PropertyControl> control(String namespace, String name, String property) {
        return values.device(namespace, name).flatMap(now -> values.describe(namespace, name).flatMap(device ->
                device.properties().stream().filter(p -> p.name().equals(property)).findFirst().map(p -> control(p, now))));
    }

    private static String text(Value value) {
        return value == null ? "" : value.value();
    }

    private JsonObject list(int total, int matched, JsonArray items) {
        JsonObject list = new JsonObject();
        list.addProperty("total", total);
        list.addProperty("matched", matched);
        list.add("items", items);
        return stamped(list);
    }

    /** Ages are told relative to this clock, not to the browser's. */
    private JsonObject stamped(JsonObject json) {
        json.addProperty("now", clock.getAsLong());
        return json;
    }
}
