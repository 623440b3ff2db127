package io.kelp.push.internal;

/**
 * Where a property's values go.
 *
 * @param destination server or broker: {@code http://host:port}, {@code https://…}, {@code tcp://…} or {@code ssl://…}
 * @param path path and query of the server, or topic of the broker
 * @param qos of MQTT, 0 to 2
 * @param retained of MQTT
 * @param timeoutMillis deadline of one value, 0 for the setting
 */
record Target(String destination, String path, int qos, boolean retained, int timeoutMillis) {

    boolean isHttp() {
        return destination.startsWith("http");
    }
}
