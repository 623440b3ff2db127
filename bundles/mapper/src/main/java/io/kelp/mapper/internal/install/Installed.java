package io.kelp.mapper.internal.install;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * An installed mapper, as it is remembered.
 *
 * @param name symbolic name
 * @param version of the bundle
 * @param sha256 of its jar in the content store
 * @param file in the drop folder that it came from; empty when it was installed otherwise
 */
record Installed(String name, String version, String sha256, String file) {

    static final RecordCodec<Installed> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Installed record) {
            JsonObject json = new JsonObject();
            json.addProperty("name", record.name);
            json.addProperty("version", record.version);
            json.addProperty("sha256", record.sha256);
            json.addProperty("file", record.file);
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Installed read(byte[] bytes) throws IOException {
            try {
                JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
                String sha256 = json.get("sha256").getAsString();
                if (!sha256.matches("[0-9a-f]{64}")) {
                    throw new IOException("no digest of a mapper: " + sha256);
                }
                return new Installed(json.get("name").getAsString(), json.get("version").getAsString(), sha256,
                        json.has("file") ? json.get("file").getAsString() : "");
            } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException e) {
                throw new IOException("no record of an installed mapper", e);
            }
        }
    };

    String origin() {
        return file.isEmpty() ? "installed" : "folder " + file;
    }
}
