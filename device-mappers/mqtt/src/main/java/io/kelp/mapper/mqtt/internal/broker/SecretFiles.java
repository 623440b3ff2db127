package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Password and certificate files, by their plain names in one folder: whoever may create devices must not be able to send the
 * gateway's other files to a broker of his.
 *
 * @param folder {@code null} when the gateway has none
 */
public record SecretFiles(Path folder) {

    private static final int MOST_PASSWORD_BYTES = 4096;

    /** @param etc folder of the gateway's configuration files, {@code null} for none */
    public static SecretFiles of(String configured, String etc) {
        return new SecretFiles(!configured.isEmpty() ? Path.of(configured) : etc == null ? null : Path.of(etc, "mqtt"));
    }

    /** First line or all of the file that the key names; empty when the key is missing or empty. */
    public String password(Settings settings, String key) throws ConfigurationException {
        String path = file(settings, key);
        try {
            if (path.isEmpty()) {
                return "";
            }
            if (Files.size(Path.of(path)) > MOST_PASSWORD_BYTES) {
                throw settings.refused(key, settings.text(key), "the name of a file of at most " + MOST_PASSWORD_BYTES + " bytes");
            }
            return Files.readString(Path.of(path), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw unreadable(settings, key);
        }
    }

    /** Path of the file that the key names; empty when the key is missing or empty. */
    public String file(Settings settings, String key) throws ConfigurationException {
        String name = settings.text(key, "");
        if (name.isEmpty()) {
            return "";
        }
        if (folder == null) {
            throw settings.refused(key, name, "possible, because the mapper has no secretsFolder");
        }
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")) {
            throw settings.refused(key, name, "the plain name of a file in " + folder);
        }
        Path path = folder.resolve(name);
        if (!Files.isReadable(path)) {
            throw unreadable(settings, key);
        }
        return path.toString();
    }

    private ConfigurationException unreadable(Settings settings, String key) throws ConfigurationException {
        return settings.refused(key, settings.text(key), "the name of a file that the gateway can read in " + folder);
    }
}
