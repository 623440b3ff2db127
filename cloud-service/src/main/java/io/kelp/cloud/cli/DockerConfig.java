package io.kelp.cloud.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.oci.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Logins that {@code docker login} keeps in its configuration; those it gives to a program of the desktop cannot be had. */
final class DockerConfig {

    private DockerConfig() {}

    static Path file(Map<String, String> environment) {
        String folder = environment.getOrDefault("DOCKER_CONFIG", "");
        return (folder.isEmpty() ? Path.of(System.getProperty("user.home"), ".docker") : Path.of(folder)).resolve("config.json");
    }

    /** @return none when there is no file @throws IOException when it cannot be read; never with what it holds */
    static List<RegistryCredentials> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<RegistryCredentials> all = new ArrayList<>();
        try {
            JsonObject config = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            JsonElement auths = config.get("auths");
            for (Map.Entry<String, JsonElement> each : auths == null ? List.<Map.Entry<String, JsonElement>>of() : auths.getAsJsonObject().entrySet()) {
                JsonObject login = each.getValue().getAsJsonObject();
                String pair = new String(Base64.getDecoder().decode(text(login, "auth")), StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                String username = colon < 0 ? text(login, "username") : pair.substring(0, colon);
                String password = colon < 0 ? text(login, "password") : pair.substring(colon + 1);
                String identityToken = text(login, "identitytoken");
                if (!username.isEmpty() || !identityToken.isEmpty()) {
                    all.add(new RegistryCredentials(each.getKey(), username, password, identityToken));
                }
            }
        } catch (JsonParseException | IllegalStateException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new IOException(file + " is not what docker login writes; repair it, or name a user with --username", null);
        }
        return all;
    }

    private static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }
}
