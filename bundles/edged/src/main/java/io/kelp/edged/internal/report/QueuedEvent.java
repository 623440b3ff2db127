package io.kelp.edged.internal.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An Event that waits for the cloud.
 *
 * @param event the v1 Event
 * @param run of the gateway that has made it
 * @param nanos of the monotonic clock of that run
 * @param believed whether the clock had been set by the cloud in that run
 */
record QueuedEvent(JsonObject event, String run, long nanos, boolean believed) {

    private static final Duration TOLERATED = Duration.ofMinutes(5);

    String name() {
        return Pod.text(Pod.object(event, "metadata"), "name");
    }

    String namespace() {
        return Pod.text(Pod.object(event, "metadata"), "namespace");
    }

    int count() {
        return event.get("count").getAsInt();
    }

    /** The Event with its stamps put right, if it was made before the clock was. */
    JsonObject corrected(String runNow, Instant now, long nanosNow) {
        if (believed || !run.equals(runNow)) {
            return event;
        }
        try {
            Instant stamped = Instant.parse(Pod.text(event, "lastTimestamp"));
            Instant was = now.minusNanos(nanosNow - nanos).truncatedTo(ChronoUnit.SECONDS);
            Duration off = Duration.between(stamped, was);
            if (off.abs().compareTo(TOLERATED) <= 0) {
                return event;
            }
            JsonObject copy = event.deepCopy();
            copy.addProperty("lastTimestamp", was.toString());
            copy.addProperty("firstTimestamp", Instant.parse(Pod.text(event, "firstTimestamp")).plus(off).toString());
            return copy;
        } catch (DateTimeException e) {
            return event; // stored by a version that writes other stamps
        }
    }

    static RecordCodec<QueuedEvent> codec() {
        return new RecordCodec<>() {
            @Override
            public byte[] write(QueuedEvent queued) {
                JsonObject json = new JsonObject();
                json.add("event", queued.event);
                json.addProperty("run", queued.run);
                json.addProperty("nanos", queued.nanos);
                json.addProperty("believed", queued.believed);
                return json.toString().getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public QueuedEvent read(byte[] bytes) throws IOException {
                try {
                    JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
                    JsonObject event = json.getAsJsonObject("event");
                    event.get("count").getAsInt();
                    return new QueuedEvent(event, Pod.text(json, "run"), json.get("nanos").getAsLong(), json.get("believed").getAsBoolean());
                } catch (JsonParseException | IllegalStateException | NullPointerException | ClassCastException | NumberFormatException e) {
                    throw new IOException("no event: " + e.getMessage(), e);
                }
            }
        };
    }
}
