package io.kelp.cloud.web;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.device.DeviceValues;
import io.kelp.cloud.device.DeviceValues.Snapshot;
import io.kelp.cloud.history.PropertyHistory;
import io.kelp.cloud.method.MethodCalls;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** What the page wants of a device besides its values: what they were, and that it does something. */
final class DeviceRequests {

    private static final String NUMBER = "[0-9]{1,15}";
    private static final int POINTS = 400;
    private static final int MAX_ARGUMENTS = 256;
    private static final int LONGEST_NAME = 200;

    private final DeviceValues values;
    private final PropertyHistory history;
    private final MethodCalls methods;
    private final AtomicLong named = new AtomicLong(); // Unix time in milliseconds of the last name
    private final String fieldManager;

    DeviceRequests(DeviceValues values, PropertyHistory history, MethodCalls methods, String fieldManager) {
        this.values = values;
        this.history = history;
        this.methods = methods;
        this.fieldManager = fieldManager;
    }

    /** {@code device}, {@code property}, {@code from}, {@code to} (Unix time in ms) and {@code most}. */
    void history(Fields query, Response response, Callback callback) {
        String device = text(query, "device");
        String property = text(query, "property");
        String from = text(query, "from");
        String to = text(query, "to");
        String most = text(query, "most");
        int slash = device.indexOf('/');
        if (slash < 0 || property.isEmpty() || !from.matches(NUMBER) || !to.matches(NUMBER) || Long.parseLong(from) >= Long.parseLong(to)) {
            Replies.refuse(response, callback, 400, "A history needs device=NAMESPACE/NAME, property, from and to, milliseconds since 1970, from before to.");
            return;
        }
        String namespace = device.substring(0, slash);
        String name = device.substring(slash + 1);
        Optional<Snapshot> known = values.device(namespace, name);
        if (known.isEmpty()) {
            Replies.refuse(response, callback, 404, "There is no device " + device + ".");
            return;
        }
        int points = most.matches("[0-9]{1,5}") ? Integer.parseInt(most) : POINTS;
        history.ask(known.get().node(), namespace, name, property, Long.parseLong(from), Long.parseLong(to), points).whenComplete((answer, problem) -> {
            if (problem != null) {
                Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
                Replies.refuse(response, callback, cause instanceof PropertyHistory.BusyException ? 503 : 502, cause.getMessage());
                return;
            }
            JsonObject told = new JsonObject();
            told.add("points", answer.points());
            told.addProperty("note", answer.note());
            Replies.json(response, callback, 200, told);
        });
    }

    private static String text(Fields query, String name) {
        String value = query.getValue(name);
        return value == null ? "" : value;
    }

    /** {@code {"method": "…", "arguments": {"property": "value"}}}; the result comes with the device. */
    void call(String namespace, String name, JsonObject body, Response response, Callback callback) {
        Optional<DeviceDescription> device = values.describe(namespace, name);
        Optional<Map<String, String>> arguments = arguments(body.get("arguments"));
        if (!(body.get("method") instanceof JsonPrimitive method) || !method.isString() || arguments.isEmpty()) {
            Replies.refuse(response, callback, 400, "The body needs \"method\", a string, and may have \"arguments\", an object of strings.");
            return;
        }
        if (device.isEmpty() || device.get().methods().stream().noneMatch(one -> one.name().equals(method.getAsString()))) {
            Replies.refuse(response, callback, 404, "There is no such device, or it has no such method.");
            return;
        }
        methods.create(namespace, nameOf(name, method.getAsString()), name, method.getAsString(), arguments.get(), fieldManager).whenComplete((made, problem) -> {
            if (problem != null) {
                Replies.refuse(response, callback, problem);
                return;
            }
            JsonObject answer = new JsonObject();
            answer.addProperty("name", NodeView.text(NodeView.object(made, "metadata"), "name"));
            Replies.json(response, callback, 200, answer);
        });
    }

    private static Optional<Map<String, String>> arguments(JsonElement given) {
        Map<String, String> arguments = new LinkedHashMap<>();
        if (given == null) {
            return Optional.of(arguments);
        }
        if (!(given instanceof JsonObject object) || object.size() > MAX_ARGUMENTS) {
            return Optional.empty();
        }
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            if (!(entry.getValue() instanceof JsonPrimitive value) || !value.isString() || value.getAsString().length() > PropertyControl.MAX_VALUE) {
                return Optional.empty();
            }
            arguments.put(entry.getKey(), value.getAsString());
        }
        return Optional.of(arguments);
    }

    /**
     * A name for a call. Names of objects have small letters, digits and dashes. Those of one method sort in the order in which they
     * were given: the API server keeps the time of creation in seconds, and people press a button twice in one.
     */
    String nameOf(String device, String method) {
        String readable = (device + "-" + method).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
        long time = named.updateAndGet(last -> Math.max(last + 1, System.currentTimeMillis()));
        return (readable.isEmpty() ? "call" : readable.substring(0, Math.min(LONGEST_NAME, readable.length()))) + "-"
                + Long.toString(time, 36) + Long.toString(ThreadLocalRandom.current().nextLong(36, 36 * 36), 36);
    }
}
