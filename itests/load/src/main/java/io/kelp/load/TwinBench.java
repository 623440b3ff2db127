package io.kelp.load;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Twin updates through MQTT with a given number outstanding; the answer is {@code twin/update/result}. */
final class TwinBench implements MqttCallback {

    private static final int DEVICES = 50;

    private final MqttClient client;
    private final Map<String, Long> sent = new ConcurrentHashMap<>();
    private final Semaphore window;
    private long[] nanos;
    private int answered;

    private TwinBench(int port, int outstanding) throws Exception {
        window = new Semaphore(outstanding);
        client = new MqttClient("tcp://127.0.0.1:" + port, "", new MemoryPersistence());
        client.setCallback(this);
        client.connect();
        client.subscribe("$hw/events/device/+/+/twin/update/result", 0);
    }

    static void run(Path work) throws Exception {
        try (Rig rig = new Rig(work)) {
            rig.plainDevices("d", DEVICES);
            load(rig, 20_000, 100); // warm-up
            long pid = rig.gateway.pid();
            int updates = 100_000;
            long cpu = Machine.cpuMillis(pid);
            long written = Machine.writtenBytes(pid);
            long start = System.nanoTime();
            long[] latency = load(rig, updates, 100);
            double seconds = (System.nanoTime() - start) / 1e9;
            cpu = Machine.cpuMillis(pid) - cpu;
            TimeUnit.SECONDS.sleep(65); // what is folded into the database later counts, too
            written = Machine.writtenBytes(pid) - written;
            long[] single = load(rig, 3000, 1);
            System.out.printf("| twin updates through MQTT, %d devices, connected | |%n|---|---|%n", DEVICES);
            System.out.printf("| rate, 100 outstanding | %.0f/s (bar 3000) |%n", updates / seconds);
            System.out.printf("| answer p50, p99, 100 outstanding | %.1f, %.1f ms (bar p99 60) |%n",
                    Machine.percentile(latency, 0.5) / 1e6, Machine.percentile(latency, 0.99) / 1e6);
            System.out.printf("| processor time each | %.3f ms (bar 0.3) |%n", (double) cpu / updates);
            System.out.printf("| written each | %.3f KB (bar 0.5) |%n", written / 1024.0 / updates);
            System.out.printf("| answer p50, one outstanding | %.2f ms (bar 1.5) |%n", Machine.percentile(single, 0.5) / 1e6);
            System.out.printf("| resident memory after it | %.0f MiB (bar 120) |%n", Machine.residentMib(pid));
        }
    }

    /** Sends so many updates and waits for all answers; gives the time of each in ns. */
    static long[] load(Rig rig, int updates, int outstanding) throws Exception {
        TwinBench bench = new TwinBench(rig.gateway.mqttPort(), outstanding);
        bench.nanos = new long[updates];
        for (int i = 0; i < updates; i++) {
            if (!bench.window.tryAcquire(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no answer for 20 s, after " + bench.answered + " of " + updates);
            }
            String id = String.valueOf(i);
            bench.sent.put(id, System.nanoTime());
            bench.client.publish("$hw/events/device/default/d" + i % DEVICES + "/twin/update", ("{\"event_id\":\"" + id
                    + "\",\"timestamp\":0,\"twin\":{\"value\":{\"actual\":{\"value\":\"" + i + "\"},\"metadata\":{\"type\":\"string\"}}}}")
                    .getBytes(StandardCharsets.UTF_8), 0, false);
        }
        if (!bench.window.tryAcquire(outstanding, 20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("answers missing: " + bench.sent.size());
        }
        bench.client.disconnectForcibly(0, 500);
        bench.client.close();
        return bench.nanos;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        String text = new String(message.getPayload(), StandardCharsets.UTF_8);
        int from = text.indexOf("\"event_id\":\"") + 12;
        Long start = sent.remove(text.substring(from, text.indexOf('"', from)));
        if (start != null) {
            nanos[answered++] = System.nanoTime() - start;
            window.release();
        }
    }

    @Override
    public void connectionLost(Throwable cause) {
        System.err.println("connection lost: " + cause);
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {
        // QoS 0: says nothing
    }
}
