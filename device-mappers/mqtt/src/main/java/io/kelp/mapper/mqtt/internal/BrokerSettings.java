package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.Settings;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Finds the broker of a device. Files are plain names in one folder: whoever may create devices must not be able to send the
 * gateway's other files to a broker of his.
 *
 * @param secrets folder of password and certificate files; {@code null} when the gateway has none
 */
record BrokerSettings(Path secrets, BrokerAddress common) {

    static final Set<String> KEYS = DevicePlan.lower("broker", "brokerURL", "url", "server", "ip", "port", "clientId", "username", "password", "passwordFile",
            "caFile", "certFile", "keyFile", "cleanSession", "keepAlive");
    private static final List<String> ADDRESSES = List.of("broker", "brokerURL", "url", "server", "ip");
    private static final int MOST_PASSWORD_BYTES = 4096;

    /** @param fallback address of the broker for devices that name none */
    BrokerAddress of(DeviceConfig device, BrokerAddress fallback) throws ConfigurationException {
        Settings settings = device.settings();
        String key = ADDRESSES.stream().filter(settings::has).findFirst().orElse("");
        if (key.isEmpty()) {
            return settings.has("clientId") ? new BrokerAddress(fallback.url(), settings.text("clientId"), fallback.username(), fallback.password(),
                    fallback.caFile(), fallback.certificateFile(), fallback.keyFile()) : fallback;
        }
        String written = settings.text(key);
        String url;
        try {
            url = BrokerAddress.url(key.equals("ip") && settings.has("port") ? written + ":" + settings.whole("port", 1, 65_535) : written);
        } catch (IllegalArgumentException e) {
            throw settings.refused(key, written, e.getMessage());
        }
        String password = settings.has("passwordFile") ? password(settings, "passwordFile", settings.text("passwordFile")) : settings.text("password", "");
        return new BrokerAddress(url, settings.text("clientId", ""), settings.text("username", ""), password,
                file(settings, "caFile"), file(settings, "certFile"), file(settings, "keyFile"));
    }

    /** Whether a device says itself where its broker is. */
    static boolean names(DeviceConfig device) {
        return ADDRESSES.stream().anyMatch(device.settings()::has);
    }

    private String password(Settings settings, String key, String name) throws ConfigurationException {
        Path path = path(settings, key, name);
        try {
            if (Files.size(path) > MOST_PASSWORD_BYTES) {
                throw settings.refused(key, name, "the name of a file of at most " + MOST_PASSWORD_BYTES + " bytes");
            }
            return Files.readString(path, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw settings.refused(key, name, "the name of a file that the gateway can read in " + secrets);
        }
    }

    private String file(Settings settings, String key) throws ConfigurationException {
        String name = settings.text(key, "");
        if (name.isEmpty()) {
            return "";
        }
        Path path = path(settings, key, name);
        if (!Files.isReadable(path)) {
            throw settings.refused(key, name, "the name of a file that the gateway can read in " + secrets);
        }
        return path.toString();
    }

    private Path path(Settings settings, String key, String name) throws ConfigurationException {
        if (secrets == null || !name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")) {
            throw settings.refused(key, name, secrets == null ? "possible, because the mapper has no secretsFolder"
                    : "the plain name of a file in " + secrets);
        }
        return secrets.resolve(name);
    }

    /** The mapper's own settings for the broker of devices that name none; {@code null} for the gateway's broker. */
    static BrokerSettings of(MqttMapperConfig config, String etc) throws ConfigurationException {
        Path secrets = !config.secretsFolder().isEmpty() ? Path.of(config.secretsFolder()) : etc == null ? null : Path.of(etc, "mqtt");
        BrokerSettings files = new BrokerSettings(secrets, null);
        if (config.defaultBroker().isEmpty()) {
            return files;
        }
        Settings settings = new Settings("io.kelp.mapper.mqtt", java.util.Map.of("defaultBroker", config.defaultBroker(),
                "defaultCaFile", config.defaultCaFile()));
        try {
            return new BrokerSettings(secrets, new BrokerAddress(BrokerAddress.url(config.defaultBroker()), "", config.defaultUsername(),
                    config.defaultPasswordFile().isEmpty() ? "" : files.password(settings, "defaultPasswordFile", config.defaultPasswordFile()),
                    files.file(settings, "defaultCaFile"), "", ""));
        } catch (IllegalArgumentException e) {
            throw settings.refused("defaultBroker", config.defaultBroker(), e.getMessage());
        }
    }
}
