package io.kelp.load;

import java.util.List;

/**
 * A mapper of the zip, and devices for it at the simulator in its own jar.
 *
 * @param name of the mapper, which is its protocol, too
 * @param simulator arguments of the simulator; empty when the mapper needs none. {@code PORT} stands for a free port, {@code BROKER} for that of
 *        the gateway's broker
 * @param protocol settings of the protocol. {@code PORT} as above, {@code PORT+} for the device's own port, {@code NUMBER} for the device's number from 1 on
 * @param changing visitor of a property that has another value at each read
 * @param still visitor of one that has not
 */
record MapperCase(String name, List<String> simulator, String protocol, Property changing, Property still) {

    /** A property: its name, type and the settings of its visitor, and what is desired of another one so that it changes or not. */
    record Property(String name, String type, String visitor, String desired) {}

    static final List<MapperCase> ALL = List.of(
            new MapperCase("counter", List.of(), "{}",
                    new Property("count", "INT", "{}", "ON"),
                    new Property("count", "INT", "{}", "OFF")),
            new MapperCase("simulator", List.of(), "{}",
                    new Property("n", "INT", "{\"simulate\":\"counter\"}", ""),
                    new Property("k", "INT", "{\"simulate\":\"constant\",\"value\":7}", "")),
            new MapperCase("modbus", List.of("--tcp", "PORT", "--units", "1-247"),
                    "{\"communicateMode\":\"TCP\",\"ip\":\"127.0.0.1\",\"port\":\"PORT\",\"slaveID\":\"NUMBER\"}",
                    new Property("n", "INT", "{\"register\":\"InputRegister\",\"offset\":1,\"dataType\":\"int16\"}", ""),
                    new Property("k", "INT", "{\"register\":\"HoldingRegister\",\"offset\":100,\"dataType\":\"uint16\"}", "")),
            new MapperCase("coap", List.of("--port", "PORT", "--devices", "200"), "{\"host\":\"127.0.0.1\",\"port\":PORT+}",
                    new Property("n", "INT", "{\"path\":\"/uptime\"}", ""),
                    new Property("k", "DOUBLE", "{\"path\":\"/setpoint\"}", "")),
            new MapperCase("mqtt", List.of("--broker", "tcp://127.0.0.1:BROKER", "--json", "mqtt:200", "--period", "1000"),
                    "{\"topic\":\"plant/{device}/state\"}",
                    new Property("n", "INT", "{\"path\":\"cycles\"}", ""),
                    new Property("k", "BOOLEAN", "{\"path\":\"running\"}", "")));

    /** Devices of this mapper are named {@code NAME-1} and so on. */
    String device(int number) {
        return name + "-" + number;
    }

    String model() {
        return """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"DeviceModel","metadata":{"name":"bench-%1$s","namespace":"default"},
                "spec":{"protocol":"%1$s","properties":[{"name":"%2$s","type":"%3$s","accessMode":"ReadOnly"}%4$s%5$s]}}"""
                .formatted(name, changing.name(), changing.type(), changing.name().equals(still.name()) ? ""
                        : ",{\"name\":\"%s\",\"type\":\"%s\",\"accessMode\":\"ReadOnly\"}".formatted(still.name(), still.type()),
                        changing.desired().isEmpty() ? "" : ",{\"name\":\"status\",\"type\":\"STRING\",\"accessMode\":\"ReadWrite\"}");
    }

    /** A Device of this mapper with one property that is read. */
    String object(int number, Property property, int cycleMillis, int port) {
        String desired = property.desired().isEmpty() ? "" : """
                ,{"name":"status","collectCycle":3600000,"desired":{"value":"%s"},"visitors":{"protocolName":"%s"}}""".formatted(property.desired(), name);
        return """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s","namespace":"default"},
                "spec":{"nodeName":"bench","deviceModelRef":{"name":"bench-%2$s"},"protocol":{"protocolName":"%2$s","configData":%3$s},
                "properties":[{"name":"%4$s","collectCycle":%5$d,"reportCycle":%5$d,"reportToCloud":true,
                "visitors":{"protocolName":"%2$s","configData":%6$s}}%7$s]}}"""
                .formatted(device(number), name, protocol.replace("PORT+", "" + (port + number - 1)).replace("PORT", "" + port).replace("NUMBER", "" + number),
                        property.name(), cycleMillis, property.visitor(), desired);
    }
}
