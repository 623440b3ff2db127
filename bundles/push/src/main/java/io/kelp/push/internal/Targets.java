package io.kelp.push.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads {@code spec.properties[].pushMethod} of a Device (device specification 1.4). */
final class Targets {

    /**
     * @param of property → where its values go
     * @param faults what is wrong with the object, one sentence each
     */
    record Found(Map<String, List<Target>> of, List<String> faults) {}

    private static final int MOST_PATH = 2048;
    private static final int SECONDS_UP_TO = 300; // a larger timeout can only mean milliseconds
    private static final int LONGEST_MILLIS = 60_000;

    private final Device device;
    private final List<String> faults = new ArrayList<>();

    private Targets(Device device) {
        this.device = device;
    }

    static Found read(Device device) {
        Map<String, List<Target>> of = new LinkedHashMap<>();
        Targets reader = new Targets(device);
        JsonElement properties = object(device.object(), "spec").get("properties");
        if (device.generation() == Generation.MODERN && properties instanceof JsonArray array) {
            for (JsonElement each : array) {
                JsonObject property = each.isJsonObject() ? each.getAsJsonObject() : new JsonObject();
                String name = text(property, "name");
                List<Target> targets = reader.targets(name, object(property, "pushMethod"));
                if (!name.isEmpty() && !targets.isEmpty()) {
                    of.put(name, targets);
                }
            }
        }
        return new Found(of, List.copyOf(reader.faults));
    }

    private List<Target> targets(String property, JsonObject method) {
        List<Target> targets = new ArrayList<>();
        for (String key : method.keySet()) {
            JsonObject settings = object(method, key);
            if (settings.size() == 0) {
                continue; // an empty member is how some tools write "none"
            }
            try {
                switch (key) {
                    case "http" -> targets.add(http(settings));
                    case "mqtt" -> targets.add(mqtt(settings));
                    default -> throw new IllegalArgumentException("pushMethod." + key + " is not supported by Kelp, only http and mqtt");
                }
            } catch (IllegalArgumentException e) {
                faults.add(device.id() + " " + property + ": " + e.getMessage());
            }
        }
        return List.copyOf(targets);
    }

    private static Target http(JsonObject settings) {
        String host = text(settings, "hostName");
        String withScheme = host.matches("(?i)https?://.*") ? host : "http://" + host;
        URI uri = uri("http.hostName", withScheme, host);
        boolean tls = uri.getScheme().equalsIgnoreCase("https");
        int port = (int) number(settings, "http.port", "port", uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80, 1, 65_535);
        String path = text(settings, "requestPath");
        path = (path.startsWith("/") ? "" : "/") + path;
        if (path.length() > MOST_PATH || !path.matches("[!-~]*")) {
            throw new IllegalArgumentException("http.requestPath is " + path + "; allowed are at most " + MOST_PATH + " printable characters without blanks");
        }
        long timeout = number(settings, "http.timeout", "timeout", 0, 0, Integer.MAX_VALUE);
        return new Target((tls ? "https://" : "http://") + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port, path, 0, false,
                (int) Math.min(LONGEST_MILLIS, timeout <= SECONDS_UP_TO ? timeout * 1000 : timeout));
    }

    private static Target mqtt(JsonObject settings) {
        String address = text(settings, "address");
        URI uri = uri("mqtt.address", address.contains("://") ? address : "tcp://" + address, address);
        String scheme = switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "tcp", "mqtt" -> "tcp";
            case "ssl", "tls", "mqtts" -> "ssl";
            default -> throw new IllegalArgumentException("mqtt.address is " + address + "; allowed are tcp://, mqtt://, ssl:// and mqtts://");
        };
        int port = uri.getPort() > 0 ? uri.getPort() : scheme.equals("ssl") ? 8883 : 1883;
        String topic = text(settings, "topic");
        if (topic.isEmpty() || topic.length() > MOST_PATH || topic.matches(".*[+#\\x00-\\x1f].*")) {
            throw new IllegalArgumentException("mqtt.topic is \"" + topic + "\"; allowed is a topic without + and #");
        }
        JsonElement retained = settings.get("retained");
        return new Target(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port, topic,
                (int) number(settings, "mqtt.qos", "qos", 0, 0, 2), retained != null && retained.isJsonPrimitive() && retained.getAsBoolean(), 0);
    }

    private static URI uri(String key, String text, String given) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(key + " is \"" + given + "\"; allowed is a host name, with or without port", e);
        }
        throw new IllegalArgumentException(key + " is \"" + given + "\"; allowed is a host name, with or without port");
    }

    private static long number(JsonObject settings, String where, String key, long otherwise, long least, long most) {
        JsonElement value = settings.get(key);
        if (value == null || value.isJsonNull()) {
            return otherwise;
        }
        try {
            long number = value.getAsLong();
            if (number == 0 && least == 1) {
                return otherwise; // what Go writes for "not given"
            }
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException | UnsupportedOperationException | IllegalStateException e) {
            throw new IllegalArgumentException(where + " is " + value + "; allowed are " + least + " to " + most, e);
        }
        throw new IllegalArgumentException(where + " is " + value + "; allowed are " + least + " to " + most);
    }

    private static JsonObject object(JsonObject in, String key) {
        return in != null && in.get(key) instanceof JsonObject object ? object : new JsonObject();
    }

    private static String text(JsonObject in, String key) {
        JsonElement value = in.get(key);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
