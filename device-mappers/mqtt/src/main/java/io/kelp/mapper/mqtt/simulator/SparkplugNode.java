package io.kelp.mapper.mqtt.simulator;

import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import io.kelp.mapper.mqtt.internal.sparkplug.DataType;
import io.kelp.mapper.mqtt.internal.sparkplug.Metric;
import io.kelp.mapper.mqtt.internal.sparkplug.Payload;
import io.kelp.mapper.mqtt.internal.sparkplug.PayloadCodec;
import java.io.IOException;
import java.util.List;

/** A Sparkplug B edge node with one press as its device; metrics are sent by alias after the birth. */
final class SparkplugNode implements Simulated {

    private static final long TEMPERATURE = 1;
    private static final long SETPOINT = 2;
    private static final long CYCLES = 3;

    private final Options options;
    private final String group;
    private final String node;
    private final String device;
    private final Press press = new Press();
    private SmallClient client;
    private int seq;
    private long bdSeq = -1;
    private boolean silent;

    SparkplugNode(Options options, String group, String node, String device) {
        this.options = options;
        this.group = group;
        this.node = node;
        this.device = device;
    }

    @Override
    public String name() {
        return device;
    }

    private String topic(String type, boolean ofDevice) {
        return "spBv1.0/" + group + "/" + type + "/" + node + (ofDevice ? "/" + device : "");
    }

    @Override
    public void connect() throws IOException {
        bdSeq = bdSeq + 1 & 0xFF;
        byte[] death = PayloadCodec.encode(new Payload(now(), -1, List.of(Metric.of(Payload.BDSEQ, now(), DataType.INT64, bdSeq))));
        client = options.connect("node-" + group + "-" + node, new SmallClient.Will(topic("NDEATH", false), death, false), this::command);
        client.subscribe(topic("NCMD", false));
        client.subscribe(topic("DCMD", true));
        birth();
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private synchronized void birth() throws IOException {
        seq = 0;
        send("NBIRTH", false, List.of(Metric.of(Payload.BDSEQ, now(), DataType.INT64, bdSeq),
                Metric.of(Payload.REBIRTH, now(), DataType.BOOLEAN, false)));
        deviceBirth();
    }

    private void deviceBirth() throws IOException {
        send("DBIRTH", true, List.of(metric("Oil/Temperature", TEMPERATURE, press.temperature()), metric("Oil/Setpoint", SETPOINT, press.setpoint()),
                new Metric("Cycles", CYCLES, now(), DataType.INT64, Metric.GOOD, false, press.cycles())));
    }

    private static Metric metric(String name, long alias, double value) {
        return new Metric(name, alias, now(), DataType.DOUBLE, Metric.GOOD, false, value);
    }

    private synchronized void send(String type, boolean ofDevice, List<Metric> metrics) throws IOException {
        client.publish(topic(type, ofDevice), PayloadCodec.encode(new Payload(now(), seq, metrics)), false);
        seq = seq + 1 & 0xFF;
    }

    private void command(String topic, byte[] bytes) {
        try {
            Payload payload = PayloadCodec.decode(bytes);
            if (payload.metric(Payload.REBIRTH).isPresent()) {
                birth();
            }
            for (Metric metric : payload.metrics()) {
                if ((metric.name().equals("Oil/Setpoint") || metric.alias() == SETPOINT) && metric.raw() instanceof Double value) {
                    press.setpoint(value);
                    send("DDATA", true, List.of(metric("", SETPOINT, value)));
                }
            }
        } catch (MalformedPayloadException | IOException e) {
            System.err.println("simulator: " + device + ": " + e.getMessage());
        }
    }

    @Override
    public boolean connected() {
        return client != null && client.isOpen();
    }

    @Override
    public void step() throws IOException {
        press.step();
        if (!silent) {
            send("DDATA", true, List.of(metric("", TEMPERATURE, press.temperature()),
                    new Metric("", CYCLES, now(), DataType.INT64, Metric.GOOD, false, press.cycles())));
        }
    }

    @Override
    public boolean fault(String fault) throws IOException {
        switch (fault) {
            case "silent" -> silent = true;
            case "speak" -> silent = false;
            case "gap" -> skip();
            case "garbage" -> client.publish(topic("DDATA", true), "no payload", false);
            case "nan" -> send("DDATA", true, List.of(metric("", TEMPERATURE, Double.NaN)));
            case "offline" -> send("DDEATH", true, List.of());
            case "online" -> deviceBirth();
            case "die" -> client.vanish();
            default -> {
                return false;
            }
        }
        return true;
    }

    private synchronized void skip() {
        seq = seq + 3 & 0xFF;
    }

    @Override
    public void leave() throws IOException {
        client.publish(topic("NDEATH", false), PayloadCodec.encode(new Payload(now(), -1, List.of(Metric.of(Payload.BDSEQ, now(), DataType.INT64, bdSeq)))), false);
        client.close();
    }
}
