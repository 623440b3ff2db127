package io.kelp.mapper.coap.simulator;

import io.kelp.mapper.coap.internal.codec.Cbor;
import io.kelp.mapper.coap.internal.codec.JsonText;
import io.kelp.mapper.coap.internal.codec.MalformedPayloadException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of a simulated device; they follow time. Safe for use by several threads. */
final class Plant {

    private static final double PERIOD = 60;
    /** Labels of SenML in CBOR (RFC 8428 §6). */
    private static final Map<String, Long> LABELS = Map.of("bn", -2L, "bt", -3L, "n", 0L, "u", 1L, "v", 2L);

    private final String name;
    private long begun = System.nanoTime();
    private double setpoint = 20;
    private boolean open;
    private double position = 50;
    private String log = "line of the log\n".repeat(640);

    Plant(String name) {
        this.name = name;
    }

    private double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }

    synchronized long uptime() {
        return (long) seconds();
    }

    synchronized void reset() {
        begun = System.nanoTime();
    }

    synchronized double temperature() {
        return Math.round((setpoint + 5 * Math.sin(2 * Math.PI * seconds() / PERIOD)) * 10) / 10.0;
    }

    synchronized double humidity() {
        return Math.round((50 + 20 * Math.cos(2 * Math.PI * seconds() / PERIOD)) * 10) / 10.0;
    }

    synchronized double setpoint() {
        return setpoint;
    }

    /** @throws IllegalArgumentException when the text is no number from 0 to 40 */
    synchronized void setpoint(String text) {
        double number = text.matches("-?\\d{1,3}(\\.\\d{1,6})?") ? Double.parseDouble(text) : Double.NaN;
        if (!(number >= 0 && number <= 40)) {
            throw new IllegalArgumentException("the setpoint is a number from 0 to 40");
        }
        setpoint = number;
    }

    synchronized byte[] valve() {
        Map<String, Object> valve = new LinkedHashMap<>();
        valve.put("open", open);
        valve.put("position", position);
        return Cbor.encode(valve);
    }

    /** @throws IllegalArgumentException when there is nothing of a valve in it */
    synchronized void valve(byte[] cbor) {
        try {
            if (Cbor.decode(cbor) instanceof Map<?, ?> wanted && !wanted.isEmpty()) {
                Object nowOpen = wanted.containsKey("open") ? wanted.get("open") : (Object) open;
                Object nowAt = wanted.containsKey("position") ? wanted.get("position") : (Object) position;
                if (nowOpen instanceof Boolean flag && nowAt instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= 100) {
                    open = flag;
                    position = number.doubleValue();
                    return;
                }
            }
        } catch (MalformedPayloadException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        throw new IllegalArgumentException("a valve has open (true, false) and position (0 to 100)");
    }

    String humidityJson() {
        Map<String, Object> sensor = new LinkedHashMap<>();
        sensor.put("unit", "%RH");
        sensor.put("value", humidity());
        return JsonText.of(Map.of("sensors", List.of(sensor)));
    }

    /** Temperature, humidity and uptime as SenML, measured a second ago. */
    byte[] pack(boolean cbor) {
        List<Object> pack = new ArrayList<>();
        Map<Object, Object> first = entry(cbor, "temperature", "Cel", temperature());
        first.put(label(cbor, "bn"), "urn:dev:os:" + name + ":");
        first.put(label(cbor, "bt"), System.currentTimeMillis() / 1000 - 1);
        pack.add(first);
        pack.add(entry(cbor, "humidity", "%RH", humidity()));
        pack.add(entry(cbor, "uptime", "s", uptime()));
        return cbor ? Cbor.encode(pack) : JsonText.of(pack).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<Object, Object> entry(boolean cbor, String name, String unit, Object value) {
        Map<Object, Object> entry = new LinkedHashMap<>();
        entry.put(label(cbor, "n"), name);
        entry.put(label(cbor, "u"), unit);
        entry.put(label(cbor, "v"), value);
        return entry;
    }

    private static Object label(boolean cbor, String label) {
        return cbor ? LABELS.get(label) : label;
    }

    synchronized String log() {
        return log;
    }

    synchronized void log(String text) {
        log = text;
    }
}
