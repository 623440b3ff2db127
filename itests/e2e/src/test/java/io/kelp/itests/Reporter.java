package io.kelp.itests;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * Reports values of many devices over MQTT and keeps what the gateway has acknowledged by a
 * {@code twin/update/result}: the newest acknowledged number per device.
 */
final class Reporter implements AutoCloseable, MqttCallback {

    private final MqttClient client;
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    private final Semaphore window = new Semaphore(100);

    Reporter(int port) throws MqttException {
        client = new MqttClient("tcp://127.0.0.1:" + port, "", new MemoryPersistence());
        client.setCallback(this);
        client.connect();
        client.subscribe("$hw/events/device/+/+/twin/update/result", 0);
    }

    /** Reports a number as the value of {@code default/<device>}; waits when 100 reports are unanswered. */
    void report(String device, int value) throws MqttException, InterruptedException {
        if (!window.tryAcquire(10, TimeUnit.SECONDS)) {
            throw new AssertionError("no answer to 100 reports for 10 s");
        }
        String body = "{\"event_id\":\"" + value + "\",\"timestamp\":0,\"twin\":{\"value\":{\"actual\":{\"value\":\"" + value
                + "\"},\"metadata\":{\"type\":\"string\"}}}}";
        client.publish("$hw/events/device/default/" + device + "/twin/update", body.getBytes(StandardCharsets.UTF_8), 0, false);
    }

    /** Newest acknowledged number per device name. */
    Map<String, Integer> acknowledged() {
        return acknowledged;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        JsonObject result = JsonParser.parseString(new String(message.getPayload(), StandardCharsets.UTF_8)).getAsJsonObject();
        if (!result.has("code")) {
            acknowledged.merge(topic.split("/")[4], Integer.parseInt(result.get("event_id").getAsString()), Math::max);
        }
        window.release();
    }

    @Override
    public void connectionLost(Throwable cause) {
        window.release(100); // who waits finds out by the failing publish
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        // QoS 0: says nothing
    }

    @Override
    public void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnectForcibly(0, 1000);
        }
        client.close();
    }
}
