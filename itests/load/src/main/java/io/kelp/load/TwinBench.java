package io.kelp.load;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final int OUTSTANDING = 100;
    private static final int ROUNDS = 5;
    private static final int UPDATES = 30_000;
    private static final double[] PARTS = {0.5, 0.99, 0.999, 1};

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

    /** @param quick without the minute in which the rest is written, so the bytes are not counted */
    static void run(Path work, boolean quick) throws Exception {
        try (Rig rig = new Rig(work)) {
            rig.plainDevices("d", DEVICES);
            load(rig, UPDATES, OUTSTANDING); // warm-up
            long pid = rig.gateway.pid();
            long cpu = Machine.cpuMillis(pid);
            long written = Machine.writtenBytes(pid);
            long device = Machine.deviceBytes(rig.gateway.home());
            double[] rate = new double[ROUNDS];
            double[][] answer = new double[4][ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                long[] latency = load(rig, UPDATES, OUTSTANDING);
                rate[i] = UPDATES / ((System.nanoTime() - start) / 1e9);
                for (int k = 0; k < PARTS.length; k++) {
                    answer[k][i] = Machine.percentile(latency, PARTS[k]) / 1e6;
                }
            }
            cpu = Machine.cpuMillis(pid) - cpu;
            TimeUnit.SECONDS.sleep(quick ? 0 : 65); // what is folded into the database later counts, too
            written = Machine.writtenBytes(pid) - written;
            device = Machine.deviceBytes(rig.gateway.home()) - device;
            load(rig, 3000, 1); // warm-up
            long[] single = load(rig, 3000, 1);
            double updates = (double) ROUNDS * UPDATES;
            System.out.printf("| twin updates through MQTT, %d devices, connected, %d rounds of %d | median (rounds) |%n|---|---|%n",
                    DEVICES, ROUNDS, UPDATES);
            System.out.printf("| rate, %d outstanding | %s/s (bar 3000) |%n", OUTSTANDING, Machine.medianOf(rate, "%.0f"));
            for (int k = 0; k < PARTS.length; k++) {
                System.out.printf("| answer %s, %d outstanding | %s ms%s |%n", PARTS[k] == 1 ? "longest" : "p" + PARTS[k] * 100,
                        OUTSTANDING, Machine.medianOf(answer[k], "%.1f"), PARTS[k] == 0.99 ? " (bar 60)" : "");
            }
            System.out.printf("| processor time each | %.3f ms (bar 0.3) |%n", cpu / updates);
            if (!quick) {
                System.out.printf("| written each, by the process | %.4f KB (bar 0.5) |%n", written / 1024.0 / updates);
                System.out.printf("| written each, to the block device by everybody | %.4f KB |%n", device / 1024.0 / updates);
            }
            System.out.printf("| answer p50, p99, one outstanding | %.2f, %.2f ms (bar p50 1.5) |%n", Machine.percentile(single, 0.5) / 1e6,
                    Machine.percentile(single, 0.99) / 1e6);
            System.out.printf("| resident memory after it | %.0f MiB (bar 120) |%n", Machine.residentMib(pid));
        }
    }

    /** Changes so many values a second, of one device after the other, for a time. @return how many were answered */
    static int steady(Rig rig, int perSecond, Duration time) throws Exception {
        TwinBench bench = new TwinBench(rig.gateway.mqttPort(), 100);
        long start = System.nanoTime();
        int sent = 0;
        bench.nanos = new long[(int) (time.toSeconds() * perSecond) + 1];
        while (System.nanoTime() - start < time.toNanos()) {
            long due = start + sent * 1_000_000_000L / perSecond;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            bench.update(sent, "s" + start % 1000 + sent);
            sent++;
        }
        bench.client.disconnect();
        bench.client.close();
        return bench.answered;
    }

    private void update(int number, String value) throws Exception {
        String id = String.valueOf(number);
        sent.put(id, System.nanoTime());
        client.publish("$hw/events/device/default/d" + number % DEVICES + "/twin/update", ("{\"event_id\":\"" + id
                + "\",\"timestamp\":0,\"twin\":{\"value\":{\"actual\":{\"value\":\"" + value + "\"},\"metadata\":{\"type\":\"string\"}}}}")
                .getBytes(StandardCharsets.UTF_8), 0, false);
    }

    /** Sends so many updates and waits for all answers; gives the time of each in ns. */
    static long[] load(Rig rig, int updates, int outstanding) throws Exception {
        TwinBench bench = new TwinBench(rig.gateway.mqttPort(), outstanding);
        bench.nanos = new long[updates];
        for (int i = 0; i < updates; i++) {
            if (!bench.window.tryAcquire(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no answer for 20 s, after " + bench.answered + " of " + updates);
            }
            bench.update(i, String.valueOf(i));
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
