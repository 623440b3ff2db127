package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.regex.Pattern;

/** When the device measured, as its JSON message says: Unix time in any unit, or ISO 8601 with or without zone. */
public final class SourceTime {

    /** Devices that do not know the time say 1970, which is worse than nothing. */
    private static final long EARLIEST_MILLIS = 946_684_800_000L; // 2000-01-01

    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

    private enum Unit { AUTO, S, MS, US, NS }

    private final JsonPath path; // null: never
    private final Unit unit;
    private final ZoneId zone;

    private SourceTime(JsonPath path, Unit unit, ZoneId zone) {
        this.path = path;
        this.unit = unit;
        this.zone = zone;
    }

    /** Reads {@code timePath}, {@code timeUnit} and {@code timeZone}. */
    static SourceTime of(Layers settings) throws ConfigurationException {
        String text = settings.text("timePath", "");
        if (text.isEmpty()) {
            return new SourceTime(null, Unit.AUTO, ZoneId.systemDefault());
        }
        Settings zoned = settings.holder("timeZone");
        String zone = settings.text("timeZone", "");
        try {
            return new SourceTime(settings.path("timePath"), settings.holder("timeUnit").oneOf("timeUnit", Unit.class, Unit.AUTO),
                    zone.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(zone));
        } catch (DateTimeException e) {
            throw zoned.refused("timeZone", zone, "a time zone such as Europe/Berlin or +02:00");
        }
    }

    /** @return milliseconds of Unix time, 0 when the message does not say */
    long read(Message message) {
        if (path == null || !message.looksLikeJson()) {
            return 0;
        }
        try {
            JsonElement found = path.find(message.json());
            if (!(found instanceof JsonPrimitive primitive) || primitive.isBoolean()) {
                return 0;
            }
            long millis = millis(primitive.getAsString().trim());
            return millis >= EARLIEST_MILLIS ? millis : 0;
        } catch (MalformedPayloadException | IllegalArgumentException | DateTimeException e) {
            return 0; // the value counts nevertheless
        }
    }

    private long millis(String text) {
        if (text.length() <= 32 && NUMBER.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            return (long) switch (unit) {
                case S -> number * 1e3;
                case MS -> number;
                case US -> number / 1e3;
                case NS -> number / 1e6;
                case AUTO -> number >= 1e17 ? number / 1e6 : number >= 1e14 ? number / 1e3 : number >= 1e11 ? number : number * 1e3;
            };
        }
        if (text.length() > 64) {
            return 0;
        }
        String iso = text.indexOf('T') < 0 ? text.replaceFirst(" ", "T") : text;
        TemporalAccessor parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, Instant::from, LocalDateTime::from);
        return parsed instanceof LocalDateTime local ? local.atZone(zone).toInstant().toEpochMilli() : Instant.from(parsed).toEpochMilli();
    }
}
