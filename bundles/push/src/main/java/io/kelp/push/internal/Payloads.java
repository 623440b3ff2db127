package io.kelp.push.internal;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.devicetwin.DeviceTwins.Quality;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** What is sent for a value. */
final class Payloads {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final String FORM_DELIMITERS = "&=+%#";

    private final boolean json;
    private final ZoneId zone;

    /** @param zone of the times in KubeEdge's format, which names none */
    Payloads(boolean json, ZoneId zone) {
        this.json = json;
        this.zone = zone;
    }

    /** Whether the value can be said at all: KubeEdge's format has no way to say that there is none. */
    boolean says(String text, Quality quality) {
        return json || text != null && quality != Quality.BAD;
    }

    String contentType() {
        return json ? "application/json" : "application/x-www-form-urlencoded";
    }

    /** Body of the POST; KubeEdge's: {@code <property>=<value>&time=<time>} (device specification 5.4). */
    byte[] http(Item item) {
        return (json ? json(item) : form(item.property()) + "=" + form(item.text()) + "&time=" + time(item)).getBytes(StandardCharsets.UTF_8);
    }

    /** Payload of the message; KubeEdge's: {@code time is <time>  <topic>: <value>} (device specification 5.4). */
    byte[] mqtt(Item item) {
        return (json ? json(item) : "time is " + time(item) + "  " + item.target().path() + ": " + item.text()).getBytes(StandardCharsets.UTF_8);
    }

    private String time(Item item) {
        return TIME.format(Instant.ofEpochMilli(item.timestampMillis()).atZone(zone));
    }

    /** As KubeEdge writes it, but for what would make another form of it. */
    private static String form(String text) {
        StringBuilder form = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each < ' ' || each == 0x7f || FORM_DELIMITERS.indexOf(each) >= 0) {
                form.append('%').append(String.format(Locale.ROOT, "%02X", each & 0xff));
            } else {
                form.append((char) each);
            }
        }
        return form.toString();
    }

    private static String json(Item item) {
        JsonObject object = new JsonObject();
        object.addProperty("device", item.device().name());
        object.addProperty("namespace", item.device().namespace());
        object.addProperty("property", item.property());
        object.add("value", item.text() == null ? JsonNull.INSTANCE : value(item.text(), item.type()));
        object.addProperty("type", item.type());
        object.addProperty("timestamp", item.timestampMillis());
        object.addProperty("quality", item.quality().name().toLowerCase(Locale.ROOT));
        return object.toString();
    }

    private static JsonPrimitive value(String text, String type) {
        String kind = type.toLowerCase(Locale.ROOT);
        if (kind.equals("boolean") && text.matches("true|false")) {
            return new JsonPrimitive(Boolean.valueOf(text));
        }
        if (kind.matches("int|integer|long|float|double") && text.matches("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")) {
            return new JsonPrimitive(new BigDecimal(text));
        }
        return new JsonPrimitive(text);
    }
}
