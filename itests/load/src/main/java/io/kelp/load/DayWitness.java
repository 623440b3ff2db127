package io.kelp.load;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * An application on MQTT that sees every report of counting devices and knows which ones it did not see. A property {@code n} counts the
 * reads of its device: a number left out is a reading that was lost, a cycle without a number a read that was not made.
 */
final class DayWitness implements MqttCallback, AutoCloseable {

    /** Why a report is missing. */
    enum Reason { FAULT, SWAP, STALLED, NOT_POLLED, UNEXPLAINED }

    /** A time in which reports of a device may be missing; {@code device} is empty when it is those of all. Milliseconds of Unix time. */
    record Window(String device, Reason reason, long from, long to) {}

    /** Where a device is, and where it was when its course was last disturbed. */
    private record Seen(long number, long millis, long firstNumber, long firstMillis, long skipped) {}

    private final MqttClient client;
    private final long cycleMillis;
    private final Map<String, Seen> last = new ConcurrentHashMap<>();
    private final List<Window> windows = new ArrayList<>(); // guarded by itself
    private final Map<Reason, Long> missing = new EnumMap<>(Reason.class); // of the client's thread, read at the end
    private final List<String> unexplained = new ArrayList<>();
    private volatile long received;
    private long pulse = System.currentTimeMillis();

    DayWitness(int port, long cycleMillis) throws Exception {
        this.cycleMillis = cycleMillis;
        client = new MqttClient("tcp://127.0.0.1:" + port, "", new MemoryPersistence());
        client.setCallback(this);
        client.connect();
        client.subscribe("$hw/events/device/+/+/twin/update/document", 0);
    }

    void explain(Window window) {
        synchronized (windows) {
            windows.add(window);
        }
    }

    long received() {
        return received;
    }

    /** The last number of a device; 0 if it was never seen. */
    long number(String device) {
        Seen seen = last.get(device);
        return seen == null ? 0 : seen.number();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        long now = System.currentTimeMillis();
        if (now - pulse > 5 * cycleMillis + 500) { // nothing of all devices for so long: gateway or machine stood still
            explain(new Window("", Reason.STALLED, pulse, now));
        }
        pulse = now;
        JsonObject twin = JsonParser.parseString(new String(message.getPayload(), StandardCharsets.UTF_8)).getAsJsonObject().getAsJsonObject("twin");
        if (!twin.has("n") || !(twin.getAsJsonObject("n").get("current") instanceof JsonObject current) || !(current.get("actual") instanceof JsonObject actual)) {
            return;
        }
        String device = topic.split("/")[4];
        long number = Long.parseLong(actual.get("value").getAsString());
        Seen before = last.get(device);
        if (before != null && before.number() == number) {
            return; // another property of the device changed
        }
        received++;
        last.put(device, before == null ? new Seen(number, now, number, now, 0) : compared(device, before, number, now));
    }

    private Seen compared(String device, Seen before, long number, long now) {
        boolean anew = number <= before.number(); // the device has forgotten; how much was lost then, nobody knows but by time
        long lost = anew ? 1 : number - before.number() - 1;
        // Counted from the last disturbance on, so that a report that is late and followed by a quick one is none that is missing.
        long skipped = Math.round((now - before.firstMillis()) / (double) cycleMillis) - (number - before.firstNumber()) - before.skipped();
        if (lost == 0 && skipped <= 1) {
            return new Seen(number, now, before.firstNumber(), before.firstMillis(), before.skipped());
        }
        Reason reason = reason(device, before.millis(), now);
        if (reason != null) {
            count(reason, anew ? Math.round((now - before.millis()) / (double) cycleMillis) : lost + Math.max(0, skipped));
            return new Seen(number, now, number, now, 0);
        }
        // A cycle that was not polled is counted by the gateway, too; a number that was read and did not arrive is nobody's fault but ours.
        count(Reason.NOT_POLLED, anew ? 0 : Math.max(0, skipped));
        count(Reason.UNEXPLAINED, lost);
        if (lost > 0 && unexplained.size() < 20) {
            unexplained.add(device + ": " + before.number() + " at " + before.millis() + ", then " + number + " at " + now);
        }
        return anew ? new Seen(number, now, number, now, 0)
                : new Seen(number, now, before.firstNumber(), before.firstMillis(), before.skipped() + Math.max(0, skipped));
    }

    private void count(Reason reason, long reports) {
        if (reports > 0) {
            missing.merge(reason, reports, Long::sum);
        }
    }

    private Reason reason(String device, long from, long to) {
        synchronized (windows) {
            for (int i = windows.size() - 1; i >= 0; i--) {
                Window window = windows.get(i);
                if ((window.device().isEmpty() || window.device().equals(device)) && window.from() <= to && window.to() >= from) {
                    return window.reason();
                }
            }
            return null;
        }
    }

    Map<Reason, Long> missing() {
        return missing;
    }

    List<String> unexplained() {
        return unexplained;
    }

    @Override
    public void connectionLost(Throwable cause) {
        throw new IllegalStateException("the broker of the gateway broke the connection", cause);
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        // nothing is sent
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 1000);
        client.close();
    }
}
