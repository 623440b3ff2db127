package io.kelp.kubeapi.internal.rest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The fields of the protobuf messages that stand for built-in kinds, by message and number. Immutable. */
final class WireMessages {

    /** How often a field occurs in a message. */
    enum Count { ONE, MANY, MAP }

    /**
     * A field.
     *
     * @param type {@code string}, {@code bool}, {@code bytes}, {@code int32}, {@code int64}, {@code double} or a message; of the values for a map
     */
    record Field(String name, Count count, String type) {}

    private final Map<String, Map<Integer, Field>> messages;

    private WireMessages(Map<String, Map<Integer, Field>> messages) {
        this.messages = messages;
    }

    /** Reads the table from the class path. */
    static WireMessages load() {
        Map<String, Map<Integer, Field>> messages = new HashMap<>();
        try (InputStream in = WireMessages.class.getResourceAsStream("messages.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Map<Integer, Field> fields = new HashMap<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(" ")) {
                    String[] words = line.trim().split(" ");
                    Count count = words[2].equals("map") ? Count.MAP : words[2].equals("repeated") ? Count.MANY : Count.ONE;
                    fields.put(Integer.valueOf(words[0]), new Field(words[1], count, words[3].intern()));
                } else if (!line.startsWith("#")) {
                    fields = new HashMap<>();
                    messages.put(line, fields);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The table of protobuf messages cannot be read from the class path", e);
        }
        return new WireMessages(messages);
    }

    /** {@code null} when there is no such message. */
    Map<Integer, Field> fields(String message) {
        return messages.get(message);
    }

    /** The message of a kind, {@code core.v1.Pod}; {@code null} when it is not known. */
    String message(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "core" : apiVersion.substring(0, slash).split("\\.", 2)[0];
        String name = group + "." + apiVersion.substring(slash + 1) + "." + kind;
        return messages.containsKey(name) ? name : kind.equals("DeleteOptions") ? "meta.v1.DeleteOptions" : null;
    }
}
