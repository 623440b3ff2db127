package io.kelp.testkit;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Recorded traffic of stock peers; {@code /vectors/README.md} on the class path describes the format. */
public final class Recording {

    /** All recordings of messages. */
    public static final List<String> ALL = List.of(
            "01-join/first-join-and-connect", "01-join/reconnect-restart", "01-join/reconnect-cloud-restart",
            "02-node/registration-and-status", "02-node/second-start-already-registered", "02-node/empty-database-existing-node",
            "03-pod/create", "03-pod/delete", "03-pod/delete-2", "03-pod/missing-configmap", "03-pod/outage-and-resync", "03-pod/update",
            "04-devices-v1beta1/01-create", "04-devices-v1beta1/02-update", "04-devices-v1beta1/03-mqtt-requests",
            "04-devices-v1beta1/04-second-device-move-delete", "04-devices-v1beta1/05-dmi",
            "05-classic-v1.14/01-join", "05-classic-v1.14/02-counter-demo", "05-classic-v1.14/03-counter-demo-second-round",
            "05-classic-v1.14/04-mqtt-requests", "05-classic-v1.14/05-device-changes", "05-classic-v1.14/06-offline-and-reconnect",
            "05-classic-v1.14/07-delete", "06-metaserver/get-and-list-online", "06-metaserver/offline", "06-metaserver/watch-online",
            "06-metaserver/write-online", "07-router/eventbus-to-rest", "07-router/other-topics", "07-router/rest-to-eventbus");

    private Recording() {}

    /** The events of a recording in their order, without the title line. */
    public static List<JsonObject> events(String name) {
        try (InputStream in = Recording.class.getResourceAsStream("/vectors/" + name + ".jsonl");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).filter(e -> !e.has("title")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether an event is a message of the channel between cloud and edge. */
    public static boolean isChannelMessage(JsonObject event) {
        String direction = event.get("dir").getAsString();
        return event.has("msg") && (direction.equals("cloud->edge") || direction.equals("edge->cloud"));
    }
}
