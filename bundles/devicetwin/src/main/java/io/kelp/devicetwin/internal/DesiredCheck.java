package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Whether a desired value may be set from this side. Says what is wrong in one sentence. Stateless. */
final class DesiredCheck {

    /** Neither infinity nor NaN, which twins know. */
    private static final Pattern FINITE = Pattern.compile("[+-]?[0-9.]+([eE][+-]?[0-9]+)?");

    private DesiredCheck() {}

    /**
     * @param declared type of each property of the Device object
     * @throws IllegalArgumentException when property or value is wrong
     */
    static void check(DeviceState device, JsonObject model, Map<String, String> declared, String property, String value) {
        TwinState twin = device.twins().get(property);
        boolean exists = twin != null && !twin.isDeleted();
        if (!exists && !declared.containsKey(property)) {
            TreeSet<String> names = new TreeSet<>(declared.keySet());
            device.twins().forEach((name, other) -> {
                if (!other.isDeleted()) {
                    names.add(name);
                }
            });
            throw new IllegalArgumentException("Device " + device.id() + " has no property " + property
                    + "; it has " + (names.isEmpty() ? "none" : String.join(", ", names)));
        }
        String where = "Device " + device.id() + ", property " + property + ": ";
        if (!ValueRules.isRelaxedValue(value)) {
            throw new IllegalArgumentException(where + "a value has at most " + ValueRules.RELAXED_LENGTH
                    + " characters and no control characters");
        }
        // A twin that is older than its model may still have the type that it began with.
        String type = declared.getOrDefault(property, exists ? twin.type() : TwinState.DEFAULT_TYPE);
        for (String each : exists ? List.of(type, twin.type()) : List.of(type)) {
            if (ValueRules.misfit(each, value) != null) {
                throw new IllegalArgumentException(where + "\"" + value + "\" is no value of type " + each);
            }
        }
        JsonObject definition = definition(model, property);
        modelType(where, DeviceObject.modelType(model, property), value);
        if (DeviceObject.text(definition, "accessMode").equalsIgnoreCase("ReadOnly")) {
            throw new IllegalArgumentException(where + "it is read-only according to the device model");
        }
        if (type.equals("int") || type.equals("float")) {
            bound(where, value, definition, "minimum", -1);
            bound(where, value, definition, "maximum", 1);
        }
    }

    /** What the types of models demand beyond those of twins. */
    private static void modelType(String where, String type, String value) {
        boolean fits = switch (type.toUpperCase(Locale.ROOT)) {
            case "FLOAT", "DOUBLE" -> FINITE.matcher(value).matches();
            case "BYTES" -> isBase64(value);
            default -> true;
        };
        if (!fits) {
            throw new IllegalArgumentException(where + "\"" + value + "\" is no value of type " + type);
        }
    }

    private static boolean isBase64(String value) {
        try {
            Base64.getDecoder().decode(value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The part of the model that holds access mode and bounds: of the property, or in it under the name of the type. */
    private static JsonObject definition(JsonObject model, String property) {
        JsonObject definition = DeviceObject.modelProperty(model, property);
        JsonElement type = definition.get("type");
        return type != null && type.isJsonObject()
                ? DeviceObject.object(type.getAsJsonObject(), DeviceObject.modelType(model, property)) : definition;
    }

    private static void bound(String where, String value, JsonObject definition, String name, int outside) {
        String bound = DeviceObject.text(definition, name);
        try {
            if (!bound.isEmpty() && Integer.signum(new BigDecimal(value).compareTo(new BigDecimal(bound))) == outside) {
                throw new IllegalArgumentException(where + value + " is beyond the " + name + " " + bound + " of the device model");
            }
        } catch (NumberFormatException e) {
            // Infinity and NaN are floats without a place on the scale, and a model may hold a bound that is no
            // number: neither can be compared, so neither refuses.
            return;
        }
    }
}
