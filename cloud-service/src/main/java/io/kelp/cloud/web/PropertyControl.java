package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.cloud.device.DeviceDescription.Property;
import io.kelp.cloud.device.DeviceDescription.Type;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a person sets a property: by a switch, a number, one of several values, or text.
 *
 * <p>Models have no type for "ON or OFF". A string counts as a switch when its listed values are two, or
 * when its description, its desired, its default or its reported value (in this order) speaks of on and off or of true
 * and false. Only listed values are exclusive: a switch that was guessed takes other text, too, and when nothing but a value
 * speaks for it ({@code free}), the page offers to type one.
 *
 * @param kind what to show
 * @param on value of a switch that is on, spelled as the device spells it; else empty
 * @param off value of a switch that is off; else empty
 * @param options values of a choice; else empty
 * @param minimum smallest number, {@code null} when there is no bound or the property is no number
 * @param maximum largest number, {@code null} when there is no bound or the property is no number
 */
record PropertyControl(Kind kind, String on, String off, List<String> options, BigDecimal minimum, BigDecimal maximum, Property property) {

    enum Kind { NONE, SWITCH, INTEGER, DECIMAL, CHOICE, TEXT }

    /** Longest value that is accepted from the page; the channel allows more, nobody types more. */
    static final int MAX_VALUE = 8 * 1024;

    private static final Pattern NUMBER = Pattern.compile("[+-]?(?=[0-9.])[0-9]{0,40}(?:\\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?");
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,19}");
    private static final Pattern SPEAKS_OF_ON = Pattern.compile("(?<![\\w-])ON(?![\\w-])");
    private static final Pattern SPEAKS_OF_OFF = Pattern.compile("(?<![\\w-])OFF(?![\\w-])");
    private static final Pattern ON_SLASH_OFF = Pattern.compile("(?i)\\bon\\s*(?:/|\\||or)\\s*off\\b|\\boff\\s*(?:/|\\||or)\\s*on\\b");
    /** Off before on, as a person writes them in small letters. */
    private static final List<List<String>> PAIRS = List.of(List.of("off", "on"), List.of("false", "true"), List.of("no", "yes"),
            List.of("0", "1"), List.of("disabled", "enabled"), List.of("closed", "open"), List.of("close", "open"), List.of("stop", "start"));
    private static final List<List<String>> CERTAIN_PAIRS = PAIRS.subList(0, 2);

    /**
     * Decides on a control.
     *
     * @param desired empty when there is no desired value
     * @param reported empty when nothing was reported
     */
    static PropertyControl of(Property property, String desired, String reported) {
        if (!property.writable()) {
            return plain(Kind.NONE, property);
        }
        if (!property.options().isEmpty()) {
            return property.options().size() == 2 ? pair(property, property.options())
                    : new PropertyControl(Kind.CHOICE, "", "", property.options(), null, null, property);
        }
        return switch (property.type()) {
            case BOOLEAN -> switchLike(property, List.of(desired, property.defaultValue(), reported), PAIRS)
                    .orElseGet(() -> toggle(property, "true", "false"));
            case INT -> number(Kind.INTEGER, property);
            case FLOAT, DOUBLE -> number(Kind.DECIMAL, property);
            case STRING, UNKNOWN -> text(property, desired, reported);
            case BYTES -> plain(Kind.TEXT, property);
            case STREAM -> plain(Kind.NONE, property);
        };
    }

    private static PropertyControl text(Property property, String desired, String reported) {
        Optional<PropertyControl> known = switchLike(property, List.of(desired, property.defaultValue()), CERTAIN_PAIRS);
        if (known.isPresent()) {
            return known.get();
        }
        Optional<PropertyControl> described = described(property);
        return described.or(() -> switchLike(property, List.of(reported), CERTAIN_PAIRS)).orElseGet(() -> plain(Kind.TEXT, property));
    }

    private static Optional<PropertyControl> described(Property property) {
        String description = property.description();
        if (SPEAKS_OF_ON.matcher(description).find() && SPEAKS_OF_OFF.matcher(description).find()) {
            return Optional.of(toggle(property, "ON", "OFF"));
        }
        if (ON_SLASH_OFF.matcher(description).find()) {
            boolean capitals = description.contains("ON");
            return Optional.of(toggle(property, capitals ? "ON" : "on", capitals ? "OFF" : "off"));
        }
        return Optional.empty();
    }

    /** The first value that belongs to a pair tells the pair and how it is spelled. */
    private static Optional<PropertyControl> switchLike(Property property, List<String> values, List<List<String>> pairs) {
        for (String value : values) {
            for (List<String> pair : pairs) {
                int at = pair.indexOf(value.toLowerCase(Locale.ROOT));
                if (at >= 0) {
                    return Optional.of(toggle(property, spelled(pair.get(1), value), spelled(pair.get(0), value)));
                }
            }
        }
        return Optional.empty();
    }

    private static String spelled(String word, String like) {
        if (like.equals(like.toUpperCase(Locale.ROOT))) {
            return word.toUpperCase(Locale.ROOT);
        }
        return Character.isUpperCase(like.charAt(0)) ? Character.toUpperCase(word.charAt(0)) + word.substring(1) : word;
    }

    private static PropertyControl pair(Property property, List<String> two) {
        List<String> small = two.stream().map(v -> v.toLowerCase(Locale.ROOT)).toList();
        boolean onFirst = PAIRS.stream().anyMatch(pair -> pair.get(1).equals(small.get(0)) && pair.get(0).equals(small.get(1)));
        return toggle(property, two.get(onFirst ? 0 : 1), two.get(onFirst ? 1 : 0));
    }

    private static PropertyControl toggle(Property property, String on, String off) {
        return new PropertyControl(Kind.SWITCH, on, off, List.of(), null, null, property);
    }

    private static PropertyControl plain(Kind kind, Property property) {
        return new PropertyControl(kind, "", "", List.of(), null, null, property);
    }

    private static PropertyControl number(Kind kind, Property property) {
        return new PropertyControl(kind, "", "", List.of(), decimal(property.minimum()).orElse(null),
                decimal(property.maximum()).orElse(null), property);
    }

    private static Optional<BigDecimal> decimal(String text) {
        return NUMBER.matcher(text).matches() && !text.matches("[+-]?\\.(?:[eE].*)?") ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    /** Why a value cannot be sent to this property, as a sentence; empty when it can. */
    Optional<String> refusal(String value) {
        String name = property.name();
        if (kind == Kind.NONE) {
            return Optional.of(name + " can only be read; its model says so.");
        }
        if (value.length() > MAX_VALUE) {
            return Optional.of("The value is longer than " + MAX_VALUE + " characters.");
        }
        List<String> listed = !property.options().isEmpty() ? property.options()
                : property.type() == Type.BOOLEAN ? List.of(off, on) : List.of();
        if (!listed.isEmpty() && !listed.contains(value)) {
            return Optional.of(name + " is one of " + String.join(", ", listed) + "; \"" + value + "\" is not.");
        }
        if (kind != Kind.INTEGER && kind != Kind.DECIMAL) {
            return Optional.empty();
        }
        Optional<BigDecimal> number = decimal(value);
        boolean fits = number.isPresent()
                && (kind == Kind.DECIMAL || INTEGER.matcher(value).matches() && number.get().toBigInteger().bitLength() < Long.SIZE);
        if (!fits) {
            return Optional.of(name + " is " + (kind == Kind.INTEGER ? "a whole number" : "a number") + "; \"" + value + "\" is not.");
        }
        if (minimum != null && number.get().compareTo(minimum) < 0) {
            return Optional.of(name + " is at least " + minimum.toPlainString() + withUnit() + "; " + value + " is too small.");
        }
        if (maximum != null && number.get().compareTo(maximum) > 0) {
            return Optional.of(name + " is at most " + maximum.toPlainString() + withUnit() + "; " + value + " is too large.");
        }
        return Optional.empty();
    }

    private String withUnit() {
        return property.unit().isEmpty() ? "" : " " + property.unit();
    }

    /**
     * Whether the device still has to do what is desired. A switch whose device reports something else than its two
     * values under this name, as the counter of KubeEdge's demo does, tells nothing.
     */
    boolean isPending(String desired, Optional<String> reported) {
        if (kind == Kind.NONE || reported.isEmpty()) {
            return kind != Kind.NONE;
        }
        String is = reported.get();
        if (kind == Kind.SWITCH && property.type() != Type.BOOLEAN && !is.isEmpty() && !is.equalsIgnoreCase(on) && !is.equalsIgnoreCase(off)
                && (desired.equalsIgnoreCase(on) || desired.equalsIgnoreCase(off))) {
            return false;
        }
        Optional<BigDecimal> wanted = decimal(desired);
        Optional<BigDecimal> actual = decimal(is);
        if ((kind == Kind.INTEGER || kind == Kind.DECIMAL) && wanted.isPresent() && actual.isPresent()) {
            return wanted.get().compareTo(actual.get()) != 0;
        }
        return property.type() == Type.BOOLEAN ? !desired.equalsIgnoreCase(is) : !desired.equals(is);
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("kind", kind.name().toLowerCase(Locale.ROOT));
        if (kind == Kind.SWITCH) {
            json.addProperty("on", on);
            json.addProperty("off", off);
            json.addProperty("free", property.options().isEmpty() && property.type() != Type.BOOLEAN && described(property).isEmpty());
        }
        if (kind == Kind.CHOICE) {
            JsonArray list = new JsonArray();
            options.forEach(list::add);
            json.add("options", list);
        }
        if (minimum != null) {
            json.addProperty("minimum", minimum);
        }
        if (maximum != null) {
            json.addProperty("maximum", maximum);
        }
        return json;
    }
}
