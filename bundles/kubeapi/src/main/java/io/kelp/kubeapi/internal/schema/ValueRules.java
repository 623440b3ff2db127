package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Checks values against a JSON schema as it was written (OpenAPI 3.0 without references), with the sentences of an API server.
 * One schema is walked per value; {@code anyOf}, {@code oneOf}, {@code allOf} and {@code not} are walked in the same way.
 */
final class ValueRules {

    /** Integers beyond this lose digits as floating point (2^53 - 1). */
    private static final double EXACT = 9007199254740991d;
    /** One answer of an API server should not be a flood; the rest shows when these are mended. */
    private static final int MOST_ERRORS = 1000;

    private final Patterns patterns;
    private final String prefix;

    /** @param prefix field path of the value as a whole, empty when there is none */
    ValueRules(Patterns patterns, String prefix) {
        this.patterns = patterns;
        this.prefix = prefix;
    }

    /** Errors found, and how much was looked at: of several alternatives the one that got farthest is reported. */
    private static final class Result {
        final List<FieldError> errors = new ArrayList<>();
        int matches;

        void merge(Result other) {
            for (FieldError error : other.errors) {
                add(error);
            }
            matches += other.matches;
        }

        void add(FieldError error) {
            if (errors.size() < MOST_ERRORS) {
                errors.add(error);
            }
        }

        boolean isValid() {
            return errors.isEmpty();
        }
    }

    List<FieldError> check(JsonElement value, JsonObject schema) {
        return value(value, schema, "").errors;
    }

    private Result value(JsonElement value, JsonObject schema, String name) {
        Result result = new Result();
        type(value, schema, name, result);
        if (value.isJsonNull()) {
            enumeration(value, schema, name, result);
            return result;
        }
        result.matches += 3; // type, alternatives, enumeration
        alternatives(value, schema, name, result);
        if (isString(value)) {
            string(value.getAsString(), schema, name, result);
            result.matches++;
            String format = format(schema);
            if (!format.isEmpty()) {
                result.matches++;
                if (!Formats.fits(format, value.getAsString())) {
                    result.add(error(FieldError.Type.TYPE_INVALID, name, GoText.value(value), "must be of type " + format + ": " + GoText.value(value)));
                }
            }
        } else if (isNumber(value)) {
            number(value.getAsJsonPrimitive(), schema, name, result);
            result.matches++;
        } else if (value.isJsonArray()) {
            array(value.getAsJsonArray(), schema, name, result);
            result.matches++;
        }
        enumeration(value, schema, name, result);
        if (value.isJsonObject()) {
            object(value.getAsJsonObject(), schema, name, result);
            result.matches++;
        }
        return result;
    }

    private void type(JsonElement value, JsonObject schema, String name, Result result) {
        boolean either = SchemaReader.flag(schema, "x-kubernetes-int-or-string");
        String declared = either ? "integer,string" : SchemaReader.text(schema, "type");
        List<String> types = declared.isEmpty() ? List.of() : List.of(declared.split(","));
        String format = format(schema);
        if (value.isJsonNull()) {
            if (!types.isEmpty() && !SchemaReader.flag(schema, "nullable")) {
                wrongType(declared, "null", name, result);
            }
            return;
        }
        if (types.isEmpty() && format.isEmpty()) {
            return;
        }
        String actual = typeOf(value);
        boolean number = isNumber(value);
        boolean whole = actual.equals("number") && types.contains("integer") && isWhole(value.getAsDouble());
        boolean fits = types.contains(actual) || whole || actual.equals("integer") && types.contains("number");
        boolean listOrText = value.isJsonArray() || isString(value);
        if (!listOrText && !format.isEmpty() && !fits) {
            String actualFormat = !number ? "" : actual.equals("integer") ? "int64" : "float64";
            if (!actualFormat.equals(format)) {
                wrongType(format, actualFormat, name, result);
                return;
            }
        }
        if (!format.isEmpty() && listOrText && !types.contains("number") && !types.contains("integer")) {
            return; // the format decides
        }
        if (!fits) {
            wrongType(declared, actual, name, result);
        }
    }

    /** Formats that are not checked are as if they were not there. */
    private static String format(JsonObject schema) {
        String format = SchemaReader.text(schema, "format");
        return Formats.isKnown(format) ? format : "";
    }

    private void wrongType(String wanted, String actual, String name, Result result) {
        result.add(error(FieldError.Type.TYPE_INVALID, name, GoText.quote(actual), "must be of type " + wanted + ": " + GoText.quote(actual)));
    }

    private void alternatives(JsonElement value, JsonObject schema, String name, Result result) {
        anyOf(value, SchemaReader.array(schema, "anyOf"), name, result);
        oneOf(value, SchemaReader.array(schema, "oneOf"), name, result);
        JsonArray all = SchemaReader.array(schema, "allOf");
        int good = 0;
        for (JsonElement one : all) {
            Result inner = value(value, one.getAsJsonObject(), name);
            good += inner.isValid() ? 1 : 0;
            result.merge(inner);
        }
        if (good < all.size()) {
            result.add(whole("\"" + name + "\" must validate all the schemas (allOf)" + (good == 0 ? ". None validated" : "")));
        }
        if (schema.has("not") && schema.get("not").isJsonObject() && value(value, schema.getAsJsonObject("not"), name).isValid()) {
            result.add(whole("\"" + name + "\" must not validate the schema (not)"));
        }
    }

    private void anyOf(JsonElement value, JsonArray any, String name, Result result) {
        Result best = null;
        for (JsonElement one : any) {
            Result inner = value(value, one.getAsJsonObject(), name);
            if (inner.isValid()) {
                return;
            }
            best = best == null || inner.matches > best.matches ? inner : best;
        }
        if (best != null) {
            result.add(whole("\"" + name + "\" must validate at least one schema (anyOf)"));
            result.merge(best);
        }
    }

    private void oneOf(JsonElement value, JsonArray alternatives, String name, Result result) {
        if (alternatives.isEmpty()) {
            return;
        }
        Result best = null;
        int good = 0;
        for (JsonElement one : alternatives) {
            Result inner = value(value, one.getAsJsonObject(), name);
            if (inner.isValid()) {
                good++;
            } else if (good == 0 && (best == null || inner.matches > best.matches)) {
                best = inner;
            }
        }
        if (good != 1) {
            result.add(whole("\"" + name + "\" must validate one and only one schema (oneOf). "
                    + (good == 0 ? "Found none valid" : "Found " + good + " valid alternatives")));
            if (good == 0) {
                result.merge(best);
            }
        }
    }

    private void string(String text, JsonObject schema, String name, Result result) {
        int length = text.codePointCount(0, text.length());
        Long most = bound(schema, "maxLength");
        Long least = bound(schema, "minLength");
        String pattern = SchemaReader.text(schema, "pattern");
        if (most != null && length > most) {
            result.add(FieldError.of(FieldError.Type.TOO_LONG, path(name), "", "may not be more than " + most + (most == 1 ? " byte" : " bytes")));
        } else if (least != null && length < least) {
            result.add(error(FieldError.Type.INVALID, name, GoText.quote(text), "should be at least " + least + " chars long"));
        } else if (!pattern.isEmpty() && !patterns.find(pattern, text)) {
            result.add(error(FieldError.Type.INVALID, name, GoText.quote(text), "should match '" + pattern + "'"));
        }
    }

    /** Integers are compared with the whole part of a bound, as Kubernetes does. */
    private void number(JsonPrimitive value, JsonObject schema, String name, Result result) {
        boolean integer = GoText.isInteger(value);
        BigDecimal number = integer ? new BigDecimal(value.getAsString()) : decimal(value.getAsDouble());
        BigDecimal multiple = number(schema, "multipleOf", integer);
        BigDecimal most = number(schema, "maximum", integer);
        BigDecimal least = number(schema, "minimum", integer);
        String shown = GoText.number(value);
        if (multiple != null && integer && multiple.toBigInteger().signum() <= 0) {
            String factor = multiple.toBigInteger().toString();
            result.add(new FieldError(FieldError.Type.INVALID, path(name), "Invalid value: " + factor + ": factor MultipleOf declared for " + name
                    + " must be positive: " + factor));
        } else if (multiple != null && multiple.signum() > 0 && !isMultiple(number, multiple, integer)) {
            result.add(error(FieldError.Type.INVALID, name, shown, "should be a multiple of " + shown(multiple, integer)));
        }
        if (most != null) {
            boolean exclusive = SchemaReader.flag(schema, "exclusiveMaximum");
            if (number.compareTo(most) > (exclusive ? -1 : 0)) {
                result.add(error(FieldError.Type.INVALID, name, shown, "should be less than " + (exclusive ? "" : "or equal to ") + shown(most, integer)));
            }
        }
        if (least != null) {
            boolean exclusive = SchemaReader.flag(schema, "exclusiveMinimum");
            if (number.compareTo(least) < (exclusive ? 1 : 0)) {
                result.add(error(FieldError.Type.INVALID, name, shown, "should be greater than " + (exclusive ? "" : "or equal to ") + shown(least, integer)));
            }
        }
    }

    private static String shown(BigDecimal bound, boolean integer) {
        return integer ? bound.toBigInteger().toString() : GoText.floating(bound.doubleValue());
    }

    private static boolean isMultiple(BigDecimal number, BigDecimal of, boolean integer) {
        return integer ? number.remainder(of).signum() == 0
                : isWhole(number.doubleValue() / of.doubleValue());
    }

    private void array(JsonArray array, JsonObject schema, String name, Result result) {
        if (schema.has("items") && schema.get("items").isJsonObject()) {
            JsonObject items = schema.getAsJsonObject("items");
            for (int i = 0; i < array.size() && result.errors.size() < MOST_ERRORS; i++) {
                result.merge(value(array.get(i), items, name + "[" + i + "]"));
            }
        }
        Long least = bound(schema, "minItems");
        Long most = bound(schema, "maxItems");
        if (least != null && array.size() < least) {
            result.add(error(FieldError.Type.INVALID, name, Integer.toString(array.size()), "should have at least " + least + " items"));
        }
        if (most != null && array.size() > most) {
            result.add(tooMany(name, array.size(), most));
        }
    }

    private void object(JsonObject object, JsonObject schema, String name, Result result) {
        Long least = bound(schema, "minProperties");
        Long most = bound(schema, "maxProperties");
        if (least != null && object.size() < least) {
            result.add(error(FieldError.Type.INVALID, name, Integer.toString(object.size()), "should have at least " + least + " properties"));
        }
        if (most != null && object.size() > most) {
            result.add(tooMany(name, object.size(), most));
        }
        JsonObject properties = SchemaReader.object(schema, "properties");
        JsonElement additional = schema.get("additionalProperties");
        boolean closed = additional != null && additional.isJsonPrimitive() && !additional.getAsBoolean();
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            if (properties.has(member.getKey())) {
                continue;
            }
            if (closed) {
                result.add(new FieldError(FieldError.Type.INVALID, path(name), "Invalid value: " + GoText.quote(member.getKey()) + ": "
                        + (name.isEmpty() ? "" : name) + "." + member.getKey() + " in body is a forbidden property"));
            } else if (additional != null && additional.isJsonObject()) {
                result.merge(value(member.getValue(), additional.getAsJsonObject(), name + "." + member.getKey()));
            }
        }
        for (String property : new TreeSet<>(properties.keySet())) {
            JsonElement value = object.get(property);
            if (value != null && properties.get(property).isJsonObject()) {
                result.merge(value(value, properties.getAsJsonObject(property), name.isEmpty() ? property : name + "." + property));
            }
        }
        for (String required : SchemaReader.texts(schema, "required")) {
            if (!object.has(required)) {
                result.add(FieldError.required(path(name + "." + required), ""));
            }
        }
    }

    private void enumeration(JsonElement value, JsonObject schema, String name, Result result) {
        JsonArray allowed = SchemaReader.array(schema, "enum");
        if (allowed.isEmpty()) {
            return;
        }
        List<String> shown = new ArrayList<>();
        for (JsonElement one : allowed) {
            if (!value.isJsonNull() && (JsonValues.same(value, one) || isNumber(value) && isNumber(one) && isWholePart(value, one))) {
                return;
            }
            shown.add(GoText.quote(isString(one) ? one.getAsString() : GoText.json(one)));
        }
        result.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, path(name), GoText.value(value), "supported values: " + String.join(", ", shown)));
    }

    /** Kubernetes converts the value to the type of what is allowed, so 1.5 passes for 1. */
    private static boolean isWholePart(JsonElement value, JsonElement allowed) {
        return GoText.isInteger(allowed.getAsJsonPrimitive()) && !GoText.isInteger(value.getAsJsonPrimitive())
                && (long) value.getAsDouble() == allowed.getAsLong();
    }

    private FieldError tooMany(String name, int actual, long most) {
        return FieldError.of(FieldError.Type.TOO_MANY, path(name), Integer.toString(actual), "must have at most " + most + (most == 1 ? " item" : " items"));
    }

    private FieldError error(FieldError.Type type, String name, String value, String sentence) {
        return FieldError.of(type, path(name), value, name + " in body " + sentence);
    }

    /** What is said of the object as a whole, whatever part of it is meant. */
    private FieldError whole(String sentence) {
        return FieldError.of(FieldError.Type.INVALID, prefix.isEmpty() ? "<nil>" : prefix, "\"\"", sentence);
    }

    private String path(String name) {
        String below = name.startsWith(".") ? name.substring(1) : name;
        return below.isEmpty() ? prefix.isEmpty() ? "<nil>" : prefix : prefix.isEmpty() ? below : prefix + "." + below;
    }

    private static Long bound(JsonObject schema, String keyword) {
        JsonElement value = schema.get(keyword);
        return value == null || !isNumber(value) ? null : (Long) (long) value.getAsDouble();
    }

    private static BigDecimal number(JsonObject schema, String keyword, boolean whole) {
        JsonElement value = schema.get(keyword);
        if (value == null || !isNumber(value)) {
            return null;
        }
        BigDecimal number = decimal(value.getAsDouble());
        return whole ? new BigDecimal(number.toBigInteger()) : number;
    }

    private static BigDecimal decimal(double number) {
        double finite = Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, number));
        return new BigDecimal(finite);
    }

    private static boolean isWhole(double number) {
        return Math.abs(number) <= EXACT && Math.abs(number - Math.rint(number)) < 1e-9 * Math.max(1, Math.abs(number));
    }

    private static boolean isString(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private static String typeOf(JsonElement value) {
        if (value.isJsonObject()) {
            return "object";
        }
        if (value.isJsonArray()) {
            return "array";
        }
        JsonPrimitive primitive = value.getAsJsonPrimitive();
        return primitive.isString() ? "string" : primitive.isBoolean() ? "boolean" : GoText.isInteger(primitive) ? "integer" : "number";
    }
}
