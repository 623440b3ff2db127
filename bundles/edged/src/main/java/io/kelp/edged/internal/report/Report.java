package io.kelp.edged.internal.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be said about a pod, as it is kept over restarts.
 *
 * @param mirrored whether the cloud only has a mirror of the pod, with a uid of its own
 * @param ended whether the pod is to be deleted once this has been said
 * @param order grows with each change of any pod
 */
record Report(String namespace, String name, String uid, boolean mirrored, JsonObject status, Map<String, String> annotations,
        boolean ended, long order) {

    Report {
        annotations = Map.copyOf(annotations);
    }

    boolean saysSameAs(Report other) {
        return other != null && ended == other.ended && status.equals(other.status) && annotations.equals(other.annotations);
    }

    static RecordCodec<Report> codec() {
        return new RecordCodec<>() {
            @Override
            public byte[] write(Report report) {
                JsonObject json = new JsonObject();
                json.addProperty("namespace", report.namespace);
                json.addProperty("name", report.name);
                json.addProperty("uid", report.uid);
                json.addProperty("mirrored", report.mirrored);
                json.add("status", report.status);
                JsonObject annotations = new JsonObject();
                new TreeMap<>(report.annotations).forEach(annotations::addProperty);
                json.add("annotations", annotations);
                json.addProperty("ended", report.ended);
                json.addProperty("order", report.order);
                return json.toString().getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public Report read(byte[] bytes) throws IOException {
                try {
                    JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
                    Map<String, String> annotations = new TreeMap<>();
                    Pod.object(json, "annotations").entrySet().forEach(e -> annotations.put(e.getKey(), e.getValue().getAsString()));
                    return new Report(Pod.text(json, "namespace"), Pod.text(json, "name"), Pod.text(json, "uid"),
                            json.get("mirrored").getAsBoolean(), json.getAsJsonObject("status"), annotations,
                            json.get("ended").getAsBoolean(), json.get("order").getAsLong());
                } catch (JsonParseException | IllegalStateException | NullPointerException | ClassCastException e) {
                    throw new IOException("no pod status: " + e.getMessage(), e);
                }
            }
        };
    }
}
