package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.Settings;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.SecretFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the broker of a device.
 *
 * @param common broker for devices that name none; {@code null} for the gateway's own
 */
record BrokerSettings(SecretFiles secrets, BrokerAddress common) {

    static final Set<String> KEYS = DevicePlan.lower("broker", "brokerURL", "url", "server", "ip", "port", "clientId", "username", "password", "passwordFile",
            "caFile", "certFile", "keyFile", "cleanSession", "keepAlive");
    private static final List<String> ADDRESSES = List.of("broker", "brokerURL", "url", "server", "ip");

    /** By the mapper's own settings. @param etc folder of the gateway's configuration files, {@code null} for none */
    static BrokerSettings of(MqttMapperConfig config, String etc) throws ConfigurationException {
        SecretFiles secrets = SecretFiles.of(config.secretsFolder(), etc);
        if (config.defaultBroker().isEmpty()) {
            return new BrokerSettings(secrets, null);
        }
        Settings settings = new Settings("io.kelp.mapper.mqtt", Map.of("defaultBroker", config.defaultBroker(),
                "defaultPasswordFile", config.defaultPasswordFile(), "defaultCaFile", config.defaultCaFile()));
        return new BrokerSettings(secrets, new BrokerAddress(url(settings, "defaultBroker", config.defaultBroker()), "", config.defaultUsername(),
                secrets.password(settings, "defaultPasswordFile"), secrets.file(settings, "defaultCaFile"), "", ""));
    }

    /** Whether a device says itself where its broker is. */
    static boolean names(DeviceConfig device) {
        return ADDRESSES.stream().anyMatch(device.settings()::has);
    }

    /** @param fallback address of the broker for devices that name none */
    BrokerAddress of(DeviceConfig device, BrokerAddress fallback) throws ConfigurationException {
        Settings settings = device.settings();
        String key = ADDRESSES.stream().filter(settings::has).findFirst().orElse("");
        if (key.isEmpty()) {
            return new BrokerAddress(fallback.url(), settings.text("clientId", ""), fallback.username(), fallback.password(), fallback.caFile(),
                    fallback.certificateFile(), fallback.keyFile());
        }
        String written = settings.text(key);
        String url = url(settings, key, key.equals("ip") && settings.has("port") ? written + ":" + settings.whole("port", 1, 65_535) : written);
        String certificate = secrets.file(settings, "certFile");
        if (!certificate.isEmpty() && !settings.has("keyFile")) {
            throw settings.refused("certFile", settings.text("certFile"), "enough: keyFile names the key that belongs to it");
        }
        return new BrokerAddress(url, settings.text("clientId", ""), settings.text("username", ""),
                settings.has("passwordFile") ? secrets.password(settings, "passwordFile") : settings.text("password", ""),
                secrets.file(settings, "caFile"), certificate, secrets.file(settings, "keyFile"));
    }

    private static String url(Settings settings, String key, String written) throws ConfigurationException {
        try {
            return BrokerAddress.url(written);
        } catch (IllegalArgumentException e) {
            throw settings.refused(key, written, e.getMessage());
        }
    }
}
