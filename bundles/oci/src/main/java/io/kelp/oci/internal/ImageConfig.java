package io.kelp.oci.internal;

import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the configuration of an image says of how it runs (OCI image specification, config).
 *
 * @param diffIds digests of the unpacked layers; empty if not given
 */
public record ImageConfig(List<String> entrypoint, List<String> cmd, Map<String, String> env, Map<String, String> labels, List<String> diffIds) {

    /** Of an artifact, which says nothing. */
    static final ImageConfig NONE = new ImageConfig(List.of(), List.of(), Map.of(), Map.of(), List.of());

    private static final int MAX_ENTRIES = 1024;
    private static final int MAX_LAYERS = 512;

    /** @throws MalformedImageException when it is no configuration, or beyond the limits */
    static ImageConfig parse(byte[] text) throws MalformedImageException {
        Fields fields = new Fields();
        Json.document(text, "the image's configuration", fields::top);
        return new ImageConfig(fields.entrypoint, fields.cmd, fields.environment(), fields.labels, fields.diffIds);
    }

    private static final class Fields {

        private List<String> entrypoint = List.of();
        private List<String> cmd = List.of();
        private List<String> env = List.of();
        private Map<String, String> labels = Map.of();
        private List<String> diffIds = new ArrayList<>();

        void top(String name, JsonReader in) throws IOException {
            switch (name) {
                case "config" -> Json.object(in, this::config);
                case "rootfs" -> Json.object(in, this::rootfs);
                default -> in.skipValue();
            }
        }

        private void config(String name, JsonReader in) throws IOException {
            switch (name) {
                case "Entrypoint" -> entrypoint = Json.strings(in, MAX_ENTRIES);
                case "Cmd" -> cmd = Json.strings(in, MAX_ENTRIES);
                case "Env" -> env = Json.strings(in, MAX_ENTRIES);
                case "Labels" -> labels = Json.map(in, MAX_ENTRIES);
                default -> in.skipValue();
            }
        }

        private void rootfs(String name, JsonReader in) throws IOException {
            if (name.equals("diff_ids")) {
                diffIds = Json.strings(in, MAX_LAYERS);
            } else {
                in.skipValue();
            }
        }

        Map<String, String> environment() {
            Map<String, String> all = new LinkedHashMap<>();
            for (String pair : env) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    all.put(pair.substring(0, equals), pair.substring(equals + 1));
                }
            }
            return all;
        }
    }
}
