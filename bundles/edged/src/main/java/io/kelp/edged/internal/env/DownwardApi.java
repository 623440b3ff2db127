package io.kelp.edged.internal.env;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a pod can be told about itself (Kubernetes' downward API), for its environment and as files. */
public final class DownwardApi {

    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(labels|annotations)\\['([^']*)'\\]");
    private static final BigDecimal MILLI = new BigDecimal("0.001");

    private final NodeFacts node;

    public DownwardApi(NodeFacts node) {
        this.node = node;
    }

    /**
     * The value of a {@code fieldPath}.
     *
     * @throws IllegalArgumentException for a field that cannot be had
     */
    public String field(Pod pod, String path) {
        Matcher subscript = SUBSCRIPT.matcher(path);
        if (subscript.matches()) {
            Map<String, String> texts = subscript.group(1).equals("labels") ? pod.labels() : pod.annotations();
            return texts.getOrDefault(subscript.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> pod.name();
            case "metadata.namespace" -> pod.namespace();
            case "metadata.uid" -> pod.uid();
            case "metadata.labels" -> lines(pod.labels());
            case "metadata.annotations" -> lines(pod.annotations());
            case "spec.nodeName" -> node.name();
            case "spec.serviceAccountName" -> Pod.text(pod.spec(), "serviceAccountName");
            case "status.hostIP", "status.podIP", "status.hostIPs", "status.podIPs" -> node.address();
            default -> throw new IllegalArgumentException("unsupported fieldPath: " + path);
        };
    }

    /** A line {@code key="value"} per entry, in the order of the keys. */
    private static String lines(Map<String, String> texts) {
        List<String> lines = new ArrayList<>();
        new TreeMap<>(texts).forEach((key, value) -> lines.add(key + "=" + quote(value)));
        return String.join("\n", lines);
    }

    /** As Go's {@code %q} does. */
    private static String quote(String value) {
        StringBuilder text = new StringBuilder("\"");
        value.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case 7 -> text.append("\\a");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 11 -> text.append("\\v");
                default -> plainOrEscaped(text, c);
            }
        });
        return text.append('"').toString();
    }

    private static void plainOrEscaped(StringBuilder text, int c) {
        boolean printable = c == ' ' || Character.isDefined(c) && !Character.isISOControl(c) && !Character.isWhitespace(c)
                && !Character.isSpaceChar(c) && Character.getType(c) != Character.FORMAT;
        if (printable) {
            text.appendCodePoint(c);
        } else {
            text.append(c < 0x80 ? String.format("\\x%02x", c) : c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c));
        }
    }

    /**
     * The value of a {@code resourceFieldRef}.
     *
     * @param container the one that asks, unless the reference names another one
     * @throws IllegalArgumentException for a container or resource that is not there
     */
    public String resource(Pod pod, JsonObject container, JsonObject reference) {
        String name = Pod.text(reference, "containerName");
        JsonObject meant = name.isEmpty() ? container : container(pod, name);
        String resource = Pod.text(reference, "resource");
        int dot = resource.indexOf('.');
        String kind = dot < 0 ? "" : resource.substring(0, dot);
        String what = resource.substring(dot + 1);
        boolean cpu = what.equals("cpu");
        if (!kind.equals("limits") && !kind.equals("requests")
                || !(cpu || what.equals("memory") || what.equals("ephemeral-storage"))) {
            throw new IllegalArgumentException("unsupported container resource : " + resource);
        }
        String text = Pod.text(Pod.object(Pod.object(meant, "resources"), kind), what);
        BigDecimal amount = !text.isEmpty() ? Quantity.parse(text) : kind.equals("limits") ? allocatable(what) : BigDecimal.ZERO;
        String divisorText = Pod.text(reference, "divisor");
        BigDecimal divisor = divisorText.isEmpty() ? BigDecimal.ZERO : Quantity.parse(divisorText);
        if (divisor.signum() == 0) {
            divisor = BigDecimal.ONE;
        }
        // Divisors below the smallest unit (a thousandth of a processor, a byte) count as that unit.
        BigDecimal unit = cpu ? MILLI : BigDecimal.ONE;
        return Long.toString(Quantity.units(BigDecimal.valueOf(Quantity.units(amount, unit)),
                BigDecimal.valueOf(Math.max(1, Quantity.units(divisor, unit)))));
    }

    private BigDecimal allocatable(String what) {
        return switch (what) {
            case "cpu" -> BigDecimal.valueOf(node.allocatableCpuMillis(), 3);
            case "memory" -> BigDecimal.valueOf(node.allocatableMemoryBytes());
            default -> BigDecimal.valueOf(node.allocatableStorageBytes());
        };
    }

    private static JsonObject container(Pod pod, String name) {
        List<JsonObject> all = new ArrayList<>(pod.containers());
        all.addAll(pod.initContainers());
        Optional<JsonObject> found = all.stream().filter(c -> Pod.text(c, "name").equals(name)).findFirst();
        return found.orElseThrow(() -> new IllegalArgumentException("container " + name + " not found"));
    }
}
