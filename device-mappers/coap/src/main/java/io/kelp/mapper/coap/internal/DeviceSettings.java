package io.kelp.mapper.coap.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Settings;
import io.kelp.mapper.coap.internal.codec.Format;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of a device, checked.
 *
 * @param host name or address
 * @param port UDP port
 * @param secure whether DTLS protects it
 * @param timeout for one request with all its repetitions
 * @param ackTimeoutMillis until the first repetition, at least
 * @param mostRepetitions of a request
 * @param refresh after at most this time an observation is registered anew
 * @param properties name → access, in the order of the device
 * @param methods name → what a call sends
 * @param methodFormat format of the arguments of methods
 */
record DeviceSettings(String host, int port, boolean secure, Duration timeout, int ackTimeoutMillis, int mostRepetitions, Duration refresh,
        Map<String, Access> properties, Map<String, MethodCall> methods, Format methodFormat) {

    /** Every key of a device, ours and those of the classic device API that other settings make needless. */
    static final List<String> KEYS = List.of("host", "ip", "address", "port", "scheme", "uri", "url", "timeout", "ackTimeout", "maxRetransmit",
            "refresh", "pskIdentity", "pskFile", "pskKey", "certificate", "privateKey", "ca", "verifyName", "methods", "methodFormat",
            "protocolName", "commType", "collectTimeout", "collectRetryTimes", "reconnTimeout", "reconnRetryTimes", "collectType", "customizedValues");

    /**
     * A method of a device.
     *
     * @param verb {@code POST}, {@code PUT} or {@code GET}
     * @param resource what it goes to
     */
    record MethodCall(String verb, Resource resource) {}

    static DeviceSettings of(DeviceConfig device, CoapMapperConfig config) throws ConfigurationException {
        Settings settings = device.settings();
        URI uri = uri(settings);
        boolean secure = settings.has("scheme") ? settings.oneOf("scheme", "coap", "coaps").equals("coaps")
                : uri != null ? uri.getScheme().equalsIgnoreCase("coaps")
                : settings.has("pskIdentity") || settings.has("certificate") || settings.has("ca");
        String host = uri != null ? uri.getHost() : settings.has("ip") ? settings.text("ip")
                : settings.has("address") ? settings.text("address") : settings.text("host");
        if (host.isBlank() || host.length() > 253 || !host.matches("[A-Za-z0-9._:%\\[\\]-]+")) {
            throw settings.refused("host", host, "a host name or an IP address");
        }
        int port = uri != null && uri.getPort() > 0 ? uri.getPort() : (int) settings.whole("port", secure ? 5684 : 5683, 1, 65535);
        int timeout = (int) settings.whole("timeout", config.timeoutMillis(), 100, 30_000);
        Map<String, Access> properties = new LinkedHashMap<>();
        for (DeviceProperty property : device.properties()) {
            properties.put(property.name(), Access.of(property));
        }
        return new DeviceSettings(host.replace("[", "").replace("]", ""), port, secure, Duration.ofMillis(timeout),
                (int) settings.whole("ackTimeout", Math.min(config.ackTimeoutMillis(), timeout), 100, 10_000),
                (int) settings.whole("maxRetransmit", config.mostRepetitions(), 1, 10),
                Duration.ofSeconds(settings.whole("refresh", 300, 5, 86_400)),
                java.util.Collections.unmodifiableMap(properties), methods(device), Access.format(settings, "methodFormat").orElse(Format.JSON));
    }

    private static URI uri(Settings settings) throws ConfigurationException {
        String key = settings.has("uri") ? "uri" : "url";
        if (!settings.has(key)) {
            return null;
        }
        String text = settings.text(key);
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && uri.getScheme() != null && uri.getScheme().matches("(?i)coaps?")) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // falls through to the one message for everything that is not allowed
        }
        throw settings.refused(key, text, "like coap://10.0.0.7 or coaps://sensor.plant:5684");
    }

    private static Map<String, MethodCall> methods(DeviceConfig device) throws ConfigurationException {
        Settings section = device.settings().section("methods");
        Map<String, MethodCall> calls = new LinkedHashMap<>();
        for (DeviceMethod method : device.methods()) {
            if (section.has(method.name())) {
                String text = section.text(method.name()).trim();
                String[] words = text.startsWith("/") ? new String[] {"POST", text} : text.split(" +", 2);
                if (words.length != 2 || !words[0].matches("(?i)POST|PUT|GET") || !words[1].startsWith("/")) {
                    throw section.refused(method.name(), text, "a path like /reset or POST /reset; PUT and GET are possible, too");
                }
                try {
                    calls.put(method.name(), new MethodCall(words[0].toUpperCase(java.util.Locale.ROOT), Resource.parse(words[1])));
                } catch (IllegalArgumentException e) {
                    throw section.refused(method.name(), text, "a path of at most 32 parts of at most 255 bytes");
                }
            }
        }
        for (String name : section.keys()) {
            if (device.methods().stream().noneMatch(m -> m.name().equalsIgnoreCase(name))) {
                throw section.refused(name, section.text(name), "for a method of this device; it has "
                        + (device.methods().isEmpty() ? "none" : String.join(", ", device.methods().stream().map(DeviceMethod::name).toList())));
            }
        }
        return calls;
    }

    /** One request at a time to one address and port (NSTART = 1, RFC 7252 §4.7). */
    String bus() {
        return (secure ? "coaps://" : "coap://") + host.toLowerCase(java.util.Locale.ROOT) + ":" + port;
    }
}
