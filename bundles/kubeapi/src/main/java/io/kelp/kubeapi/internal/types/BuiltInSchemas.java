package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.schema.Schema;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The types of built-in kinds, read from {@code schemas.txt} (see {@code src/main/schema}). A struct that is used in several
 * places is one {@link Schema} in all of them, so that pods cost their memory once.
 */
public final class BuiltInSchemas {

    private static final Schema STRING = scalar("string", "");
    /** Written as a number, too; read back as a string. */
    private static final Schema QUANTITY = new Schema("string", "", "", Map.of(), null, null, Set.of(), null, false, false, true, false,
            "", List.of(), "", "", "", null);
    private static final Schema TIME = new Schema("string", "date-time", "", Map.of(), null, null, Set.of(), null, true, false, false, false,
            "", List.of(), "", "", "", null);

    private final Map<String, String> scalars = new LinkedHashMap<>();
    private final Map<String, List<String>> structs = new LinkedHashMap<>();
    private final Map<String, String> descriptions = new LinkedHashMap<>();
    private final Map<String, GoType> types = new LinkedHashMap<>();

    private BuiltInSchemas() {
    }

    /** Reads the types from the class path. */
    public static BuiltInSchemas load() {
        BuiltInSchemas schemas = new BuiltInSchemas();
        List<String> fields = null;
        for (String line : lines("schemas.txt")) {
            if (line.startsWith(" ")) {
                fields.add(line.substring(1));
            } else if (line.startsWith("scalar ")) {
                String[] words = line.split(" ");
                schemas.scalars.put(words[1], words[2]);
            } else if (line.startsWith("struct ")) {
                fields = new ArrayList<>();
                schemas.structs.put(line.substring("struct ".length()), fields);
            }
        }
        for (String line : lines("descriptions.txt")) {
            int space = line.indexOf(' ');
            if (space > 0 && !line.startsWith("#")) {
                schemas.descriptions.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        return schemas;
    }

    /**
     * The structs met so far by the names that Kubernetes' OpenAPI documents use, for example
     * {@code io.k8s.api.core.v1.Container}: what may be referred to instead of being repeated.
     */
    public Map<String, Schema> definitions() {
        Map<String, Schema> definitions = new LinkedHashMap<>();
        types.forEach((name, type) -> {
            if (type instanceof GoType.Struct) {
                definitions.put((name.startsWith("meta.") ? "io.k8s.apimachinery.pkg.apis." : "io.k8s.api.") + name, type.schema());
            }
        });
        return definitions;
    }

    /** @param name for example {@code core.v1.Pod} */
    GoType.Struct struct(String name) {
        return (GoType.Struct) type(name);
    }

    private GoType type(String expression) {
        GoType known = types.get(expression);
        if (known == null) {
            known = read(expression);
            types.put(expression, known);
        }
        return known;
    }

    private GoType read(String expression) {
        if (expression.equals("[]uint8")) {
            return new GoType.Scalar("[]uint8", GoType.Base.BYTES, 0, scalar("string", "byte"));
        }
        if (expression.startsWith("[]")) {
            GoType element = type(expression.substring(2));
            return new GoType.ListOf("[]" + element.goName(), element, list(element.schema()));
        }
        if (expression.startsWith("map:")) {
            String[] parts = expression.split(":", 3);
            GoType value = type(parts[2]);
            return new GoType.MapOf("map[" + type(parts[1]).goName() + "]" + value.goName(), value,
                    object("", Map.of(), value.schema(), Set.of(), ""));
        }
        List<String> fields = structs.get(expression);
        if (fields != null) {
            return struct(expression, fields);
        }
        String base = scalars.get(expression);
        if (base != null) {
            return rename(type(base), goName(expression));
        }
        return switch (expression) {
            case "string" -> new GoType.Scalar("string", GoType.Base.STRING, 0, STRING);
            case "bool" -> new GoType.Scalar("bool", GoType.Base.BOOL, 0, scalar("boolean", ""));
            case "int", "int32" -> new GoType.Scalar(expression, GoType.Base.INTEGER, 32, scalar("integer", "int32"));
            case "int64" -> new GoType.Scalar(expression, GoType.Base.INTEGER, 64, scalar("integer", "int64"));
            case "resource.Quantity" -> new GoType.Scalar("resource.Quantity", GoType.Base.QUANTITY, 0, QUANTITY);
            case "meta.v1.Time" -> new GoType.Scalar("string", GoType.Base.TIME, 0, TIME);
            case "meta.v1.MicroTime" -> new GoType.Scalar("string", GoType.Base.MICRO_TIME, 0, TIME);
            case "intstr.IntOrString" -> new GoType.Scalar("int32", GoType.Base.INT_OR_STRING, 32, new Schema("", "int-or-string", "", Map.of(),
                    null, null, Set.of(), null, false, false, true, false, "", List.of(), "", "", "", null));
            case "meta.v1.FieldsV1" -> new GoType.Scalar("v1.FieldsV1", GoType.Base.RAW, 0, new Schema("object", "", "", Map.of(),
                    null, null, Set.of(), null, false, true, false, false, "", List.of(), "", "", "", null));
            default -> throw new IllegalStateException("schemas.txt does not say what " + expression + " is");
        };
    }

    private GoType.Struct struct(String name, List<String> lines) {
        List<GoType.Field> fields = new ArrayList<>();
        Map<String, Schema> properties = new LinkedHashMap<>();
        Set<String> required = new LinkedHashSet<>();
        String mapType = "";
        for (String line : lines) {
            if (line.startsWith("map=")) {
                mapType = line.substring("map=".length());
                continue;
            }
            String[] words = line.split(" ");
            Options options = Options.of(words);
            boolean pointer = words[1].startsWith("*");
            GoType type = type(pointer ? words[1].substring(1) : words[1]);
            fields.add(new GoType.Field(words[0], type, pointer, options.flags.contains("omitempty"), options.flags.contains("omitzero")));
            boolean nullable = !pointer && !options.flags.contains("omitempty") && (type instanceof GoType.ListOf || type instanceof GoType.MapOf);
            properties.put(words[0], field(type, options, descriptions.getOrDefault(name + "." + words[0], ""), nullable));
            if (options.flags.contains("required")) {
                required.add(words[0]);
            }
        }
        return new GoType.Struct(goName(name), name.substring(name.lastIndexOf('.') + 1), List.copyOf(fields),
                object(descriptions.getOrDefault(name, ""), properties, null, required, mapType));
    }

    /** The schema of a field: the one of its type, unless the field says more. */
    private static Schema field(GoType type, Options options, String description, boolean nullable) {
        Schema s = type.schema();
        if (options.values.isEmpty() && description.isEmpty() && !nullable) {
            return s;
        }
        JsonElement fallback = options.value("default").isEmpty() ? s.defaultValue() : new JsonPrimitive(options.value("default"));
        String keys = options.value("keys");
        return new Schema(s.type(), s.format(), description.isEmpty() ? s.description() : description, s.properties(), s.items(), s.additional(), s.required(),
                fallback, nullable || s.nullable(), s.preserveUnknown(), s.intOrString(), s.embedded(), options.value("list"),
                keys.isEmpty() ? List.of() : List.of(keys.split(",")), options.value("map").isEmpty() ? s.mapType() : options.value("map"),
                options.value("strategy"), options.value("merge"), null);
    }

    private static GoType rename(GoType type, String goName) {
        if (type instanceof GoType.MapOf map) {
            return new GoType.MapOf(goName, map.value(), map.schema());
        }
        if (type instanceof GoType.ListOf list) {
            return new GoType.ListOf(goName, list.element(), list.schema());
        }
        return new GoType.Scalar(goName, ((GoType.Scalar) type).base(), ((GoType.Scalar) type).bits(), type.schema());
    }

    /** Go prints only the last part of a package's path. */
    private static String goName(String name) {
        String[] parts = name.split("\\.");
        return parts.length < 2 ? name : parts[parts.length - 2] + "." + parts[parts.length - 1];
    }

    private static Schema scalar(String type, String format) {
        return new Schema(type, format, "", Map.of(), null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema list(Schema items) {
        return new Schema("array", "", "", Map.of(), items, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema object(String description, Map<String, Schema> properties, Schema additional, Set<String> required, String mapType) {
        return new Schema("object", "", description, properties, null, additional, required, null, false, false, false, false, "", List.of(), mapType, "", "", null);
    }

    private static List<String> lines(String resource) {
        try (InputStream in = BuiltInSchemas.class.getResourceAsStream(resource);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What follows the type of a field: flags, and settings with a value. */
    private record Options(Set<String> flags, Map<String, String> values) {

        static Options of(String[] words) {
            Set<String> flags = new LinkedHashSet<>();
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 2; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals < 0) {
                    flags.add(words[i]);
                } else {
                    values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
                }
            }
            return new Options(flags, values);
        }

        String value(String name) {
            return values.getOrDefault(name, "");
        }
    }
}
