package io.kelp.itests;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * A mapper that knows nothing but the MQTT topics: what the public counter demo does (device
 * specification, section 7.1). ON: counts each 200 ms and reports the count; OFF: reports 0.
 */
final class ForeignCounter implements AutoCloseable {

    private final MqttClient client;
    private final String device;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile String desired = "";
    private int count;

    ForeignCounter(int port, String device) throws MqttException {
        this.device = device;
        this.client = new MqttClient("tcp://127.0.0.1:" + port, "", new MemoryPersistence());
        client.connect();
        client.subscribe("$hw/events/device/" + device + "/twin/update/document", 0, (topic, message) -> document(message));
        clock.scheduleAtFixedRate(this::tick, 200, 200, TimeUnit.MILLISECONDS);
    }

    private void document(MqttMessage message) {
        JsonObject twin = JsonParser.parseString(new String(message.getPayload(), StandardCharsets.UTF_8))
                .getAsJsonObject().getAsJsonObject("twin");
        desired = twin.getAsJsonObject("status").getAsJsonObject("current").getAsJsonObject("expected").get("value").getAsString();
    }

    private void tick() {
        if (desired.equals("ON")) {
            count++;
            report(String.valueOf(count));
        }
    }

    void report(String value) {
        String body = "{\"event_id\":\"\",\"timestamp\":0,\"twin\":{\"status\":{\"actual\":{\"value\":\"" + value
                + "\"},\"metadata\":{\"type\":\"Updated\"}}}}";
        try {
            client.publish("$hw/events/device/" + device + "/twin/update", body.getBytes(StandardCharsets.UTF_8), 0, false);
        } catch (MqttException e) {
            throw new IllegalStateException(e);
        }
    }

    String desired() {
        return desired;
    }

    @Override
    public void close() throws MqttException {
        clock.shutdownNow();
        client.disconnectForcibly(0, 1000);
        client.close();
    }
}
