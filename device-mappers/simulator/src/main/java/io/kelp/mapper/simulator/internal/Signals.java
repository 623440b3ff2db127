package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Settings;
import io.kelp.mapper.simulator.internal.Signal.Wave.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads from the visitor of a property how it is simulated; a visitor that says nothing gets what suits the property. */
final class Signals {

    private static final String KINDS = "one of hold, constant, counter, ramp, triangle, sine, square, random, walk, csv, list, fault";
    private static final long LONGEST = 86_400_000;

    private final Replays replays;

    /** @param replays where the values of CSV files come from */
    Signals(Replays replays) {
        this.replays = replays;
    }

    Signal of(DeviceProperty property, long seed) throws ConfigurationException {
        Settings visitor = property.visitor();
        String kind = visitor.text("simulate", byNature(property)).toLowerCase(Locale.ROOT);
        long own = seed * 31 + property.name().hashCode();
        return switch (kind) {
            case "hold", "constant" -> new Signal.Hold(initial(property));
            case "counter" -> new Signal.Counter();
            case "fault" -> new Signal.FaultSwitch();
            case "ramp", "triangle", "sine", "square" -> new Signal.Wave(Form.valueOf(kind.toUpperCase(Locale.ROOT)), low(property), high(property),
                    visitor.whole("period", 60_000, 10, LONGEST), visitor.whole("phase", Math.floorMod(own, 60_000), 0, LONGEST), scale(property));
            case "random" -> new Signal.Noise(low(property), high(property), visitor.whole("every", 1_000, 10, LONGEST), own, scale(property));
            case "walk", "randomwalk" -> new Signal.Walk(low(property), high(property),
                    visitor.real("step", (high(property) - low(property)) / 100, 0, Double.MAX_VALUE),
                    visitor.whole("every", 1_000, 10, LONGEST), own, scale(property));
            case "csv" -> replay(property, replays.column(visitor));
            case "list" -> replay(property, visitor.texts("values"));
            default -> throw visitor.refused("simulate", kind, KINDS);
        };
    }

    private static String byNature(DeviceProperty property) {
        if (property.writable()) {
            return "hold";
        }
        return switch (property.type()) {
            case INT, FLOAT, DOUBLE -> "walk";
            case BOOLEAN -> "square";
            case STRING, BYTES, STREAM -> "hold";
        };
    }

    private static PropertyValue initial(DeviceProperty property) throws ConfigurationException {
        String absent = switch (property.type()) {
            case INT, FLOAT, DOUBLE -> property.minimum() != null && property.minimum() > 0 ? property.type().format(PropertyValue.of(property.minimum())) : "0";
            case BOOLEAN -> "false";
            case STRING, STREAM -> "-";
            case BYTES -> "";
        };
        String text = property.visitor().text("value", absent);
        try {
            return property.type().parse(text);
        } catch (IllegalArgumentException e) {
            throw property.visitor().refused("value", text, "of the property's type " + property.type());
        }
    }

    private static Signal replay(DeviceProperty property, List<String> texts) throws ConfigurationException {
        Settings visitor = property.visitor();
        List<PropertyValue> values = new ArrayList<>(texts.size());
        for (String text : texts) {
            try {
                values.add(property.type().parse(text));
            } catch (IllegalArgumentException e) {
                throw visitor.refused("simulate", text, "a value of the property's type " + property.type());
            }
        }
        if (values.isEmpty()) {
            throw visitor.refused("simulate", visitor.text("simulate"), "possible without a value; give values or a file with rows");
        }
        return new Signal.Replay(List.copyOf(values), visitor.whole("every", 1_000, 10, LONGEST), visitor.flag("repeat", true));
    }

    private static double low(DeviceProperty property) throws ConfigurationException {
        double natural = property.minimum() != null ? property.minimum() : property.maximum() != null && property.maximum() <= 0 ? property.maximum() - 100 : 0;
        return property.visitor().real("minimum", natural, -Double.MAX_VALUE, Double.MAX_VALUE);
    }

    private static double high(DeviceProperty property) throws ConfigurationException {
        double low = low(property);
        double natural = property.type() == PropertyType.BOOLEAN ? 1 : property.maximum() != null && property.maximum() >= low ? property.maximum() : low + 100;
        return property.visitor().real("maximum", natural, low, Double.MAX_VALUE);
    }

    /** Ten to the power of the decimals that a value keeps. */
    private static double scale(DeviceProperty property) throws ConfigurationException {
        int decimals = (int) property.visitor().whole("decimals", property.type() == PropertyType.INT || property.type() == PropertyType.BOOLEAN ? 0 : 2, 0, 9);
        return Math.pow(10, decimals);
    }
}
