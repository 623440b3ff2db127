package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.objects;
import static io.kelp.kubeapi.internal.crd.Members.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.resource.Column;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Columns of {@code kubectl get} for custom resources. */
final class CustomColumns {

    private static final int HOURS_OF_YEAR = 24 * 365;

    private CustomColumns() {
    }

    /** @param version a member of {@code spec.versions} */
    static List<Column> of(JsonObject version, InstantSource clock) {
        List<Column> columns = new ArrayList<>();
        columns.add(name());
        List<JsonObject> extra = objects(version, "additionalPrinterColumns");
        for (JsonObject column : extra) {
            String path = text(column, "jsonPath");
            Optional<JsonPath> parsed = JsonPath.parse(path);
            String description = text(column, "description");
            String type = text(column, "type");
            int priority = column.has("priority") ? column.get("priority").getAsInt() : 0;
            columns.add(new Column(text(column, "name"), type, text(column, "format"),
                    description.isEmpty() ? "Custom resource definition column (in JSONPath format): " + path : description, priority,
                    object -> parsed.map(p -> cell(p.find(object), type, clock)).orElse(JsonNull.INSTANCE)));
        }
        if (extra.isEmpty()) {
            columns.add(new Column("Age", "date", "", "Time since the object was created.", 0,
                    object -> cell(JsonPath.parse(".metadata.creationTimestamp").orElseThrow().find(object), "date", clock)));
        }
        return columns;
    }

    static Column name() {
        return new Column("Name", "string", "name", "Name of the object, unique within its namespace and kind.", 0,
                object -> object.getAsJsonObject("metadata").get("name"));
    }

    private static JsonElement cell(List<JsonElement> values, String type, InstantSource clock) {
        if (values.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonElement value = values.get(0);
        if (type.equals("string")) {
            return new JsonPrimitive(JsonPath.print(value));
        }
        if (!value.isJsonPrimitive()) {
            return JsonNull.INSTANCE;
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        return switch (type) {
            case "integer" -> primitive.isNumber() ? new JsonPrimitive((long) primitive.getAsDouble()) : JsonNull.INSTANCE;
            case "number" -> primitive.isNumber() ? primitive : JsonNull.INSTANCE;
            case "boolean" -> primitive.isBoolean() ? primitive : JsonNull.INSTANCE;
            case "date" -> primitive.isString() ? new JsonPrimitive(age(primitive.getAsString(), clock)) : JsonNull.INSTANCE;
            default -> JsonNull.INSTANCE;
        };
    }

    private static String age(String time, InstantSource clock) {
        if (time.isEmpty() || time.equals("null")) {
            return "<unknown>";
        }
        try {
            return elapsed(Duration.between(OffsetDateTime.parse(time).toInstant(), clock.instant()));
        } catch (DateTimeException e) {
            return "<invalid>";
        }
    }

    /** As kubectl shows ages: at most two units, coarser with time. */
    static String elapsed(Duration age) {
        long seconds = age.toMillis() / 1000;
        long minutes = seconds / 60;
        long hours = minutes / 60;
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 120) {
            return Math.max(0, seconds) + "s";
        }
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        if (hours < 24 * 8) {
            return two(hours / 24, "d", hours % 24, "h");
        }
        if (hours < 2 * HOURS_OF_YEAR) {
            return hours / 24 + "d";
        }
        return hours < 8 * HOURS_OF_YEAR ? two(hours / HOURS_OF_YEAR, "y", hours / 24 % 365, "d") : hours / HOURS_OF_YEAR + "y";
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return small == 0 ? large + unit : large + unit + small + smallUnit;
    }
}
