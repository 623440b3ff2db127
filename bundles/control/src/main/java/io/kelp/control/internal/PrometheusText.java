package io.kelp.control.internal;

import io.kelp.control.MetricSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One scrape in the Prometheus text format 0.0.4: samples of one name stand together under one
 * HELP and TYPE line, whichever components they come from. Not for several threads.
 */
final class PrometheusText implements MetricSource.Sink {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final int MAX_SAMPLES = 20_000;

    private final Map<String, Family> families = new TreeMap<>();
    private int samples;

    private record Family(String help, String type, Set<String> keys, List<String> lines) {}

    @Override
    public void counter(String name, String help, double value, String... labels) {
        add("counter", name, help, value, labels);
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
        add("gauge", name, help, value, labels);
    }

    private void add(String type, String name, String help, double value, String... labels) {
        if (!NAME.matcher(name).matches() || labels.length % 2 != 0) {
            throw new IllegalArgumentException("metric \"" + name + "\" with " + labels.length + " label words");
        }
        if (++samples > MAX_SAMPLES) {
            return;
        }
        Family family = families.computeIfAbsent(name, n -> new Family(help, type, new LinkedHashSet<>(), new ArrayList<>()));
        StringBuilder key = new StringBuilder(name);
        for (int i = 0; i < labels.length; i += 2) {
            key.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"").append(escape(labels[i + 1], true)).append('"');
        }
        if (labels.length > 0) {
            key.append('}');
        }
        if (family.keys.add(key.toString())) { // a second sample of the same series would void the whole scrape
            family.lines.add(key + " " + number(value));
        }
    }

    String text() {
        StringBuilder out = new StringBuilder();
        families.forEach((name, family) -> {
            out.append("# HELP ").append(name).append(' ').append(escape(family.help, false)).append('\n');
            out.append("# TYPE ").append(name).append(' ').append(family.type).append('\n');
            family.lines.forEach(line -> out.append(line).append('\n'));
        });
        return out.toString();
    }

    private static String escape(String text, boolean quotes) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quotes ? escaped.replace("\"", "\\\"") : escaped;
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.toString(value);
    }
}
