package io.kelp.kubeapi.internal.protobuf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The messages that built-in kinds are sent as, read from {@code messages.txt} (see {@code src/main/schema}). Unchangeable
 * once it is loaded.
 */
final class MessageTable {

    /** How a value is on the wire and what it becomes. */
    sealed interface Type {}

    enum Scalar implements Type { STRING, BOOL, INT32, INT64, FLOAT64, BYTES, QUANTITY, TIME, MICROTIME, RAW, INTORSTRING }

    record ListOf(Type element) implements Type {}

    record MapOf(Type value) implements Type {}

    /** A list that is a message of its own, with its elements in field 1. */
    record Items(Type element) implements Type {}

    /** @param fields by their number; {@code null} where there is none */
    record Message(String name, Field[] fields) implements Type {

        Field field(int number) {
            return number < fields.length ? fields[number] : null;
        }

        /** {@code Container} of {@code core.v1.Container}. */
        String shortName() {
            return name.substring(name.lastIndexOf('.') + 1);
        }

        @Override
        public boolean equals(Object other) {
            return this == other; // there is one of each
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * @param name of the member in JSON; {@code .} when the fields of the value are members of the owner
     * @param omitEmpty whether JSON says nothing of it when it is empty
     * @param goName for what is told about bad values
     */
    record Field(String name, Type type, boolean omitEmpty, String goName) {

        boolean embedded() {
            return name.equals(".");
        }
    }

    private final Map<String, Message> kinds;

    private MessageTable(Map<String, Message> kinds) {
        this.kinds = kinds;
    }

    /** Reads the messages from the class path, which takes some milliseconds and some hundred kilobytes. */
    static MessageTable load() {
        try (InputStream in = MessageTable.class.getResourceAsStream("messages.txt");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return new Loader().read(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return {@code null} when nothing is known of the kind */
    Message kind(String apiVersion, String kind) {
        Message message = kinds.get(apiVersion + " " + kind);
        return message != null ? message : kinds.get("* " + kind);
    }

    private static final class Loader {

        private final Map<String, List<String>> lines = new HashMap<>();
        private final Map<String, Message> messages = new HashMap<>();

        MessageTable read(List<String> all) {
            Map<String, String> kinds = new HashMap<>();
            List<String> current = null;
            for (String line : all) {
                if (line.startsWith(" ")) {
                    current.add(line.substring(1));
                } else if (line.startsWith("message ")) {
                    current = new ArrayList<>();
                    lines.put(line.substring("message ".length()), current);
                } else if (line.startsWith("kind ")) {
                    String[] words = line.split(" ");
                    kinds.put(words[1] + " " + words[2], words[3]);
                }
            }
            Map<String, Message> known = new HashMap<>();
            kinds.forEach((kind, name) -> known.put(kind, message(name)));
            return new MessageTable(Map.copyOf(known));
        }

        private Message message(String name) {
            Message known = messages.get(name);
            if (known != null) {
                return known;
            }
            List<String> own = lines.get(name);
            int highest = own.stream().mapToInt(line -> number(line.split(" "))).max().orElse(0);
            Message message = new Message(name, new Field[highest + 1]);
            messages.put(name, message); // before its fields, which may be of the same type
            for (String line : own) {
                String[] words = line.split(" ");
                message.fields[number(words)] = field(words);
            }
            return message;
        }

        private static int number(String[] words) {
            return Integer.parseInt(words[1]);
        }

        private Field field(String[] words) {
            boolean omitEmpty = Arrays.asList(words).contains("omitempty");
            String last = words[words.length - 1];
            String goName = last.startsWith("go=") ? last.substring("go=".length()) : words[0].substring(0, 1).toUpperCase(Locale.ROOT) + words[0].substring(1);
            return new Field(words[0], type(words[2]), omitEmpty, goName);
        }

        private Type type(String expression) {
            if (expression.startsWith("[]")) {
                return new ListOf(type(expression.substring("[]".length())));
            }
            if (expression.startsWith("map:")) {
                return new MapOf(type(expression.substring("map:".length())));
            }
            if (expression.startsWith("items:")) {
                return new Items(type(expression.substring("items:".length())));
            }
            return lines.containsKey(expression) ? message(expression) : Scalar.valueOf(expression.toUpperCase(Locale.ROOT));
        }
    }
}
