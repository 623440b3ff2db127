package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What pods ask for: quantities, sums over containers, the quality of service class. */
final class PodResources {

    private static final Pattern QUANTITY = Pattern.compile("([+-]?[0-9]{1,19}(?:\\.[0-9]{0,19})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|n|u|[eE][+-]?[0-9]{1,2})?");
    private static final Map<String, BigDecimal> SUFFIX = Map.ofEntries(
            Map.entry("n", new BigDecimal("1e-9")), Map.entry("u", new BigDecimal("1e-6")), Map.entry("m", new BigDecimal("1e-3")),
            Map.entry("k", new BigDecimal("1e3")), Map.entry("M", new BigDecimal("1e6")), Map.entry("G", new BigDecimal("1e9")),
            Map.entry("T", new BigDecimal("1e12")), Map.entry("P", new BigDecimal("1e15")), Map.entry("E", new BigDecimal("1e18")),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)), Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)), Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
            Map.entry("Pi", BigDecimal.valueOf(1L << 50)), Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    private PodResources() {}

    /**
     * A Kubernetes quantity.
     *
     * @param unit for example 1 for bytes, 0.001 for thousandths of a processor
     * @return in that unit, rounded up; 0 for what is no quantity
     */
    static long quantity(String text, String unit) {
        Matcher match = QUANTITY.matcher(text);
        if (!match.matches()) {
            return 0;
        }
        BigDecimal value = new BigDecimal(match.group(1).endsWith(".") ? match.group(1) + "0" : match.group(1));
        String suffix = match.group(2);
        if (suffix != null) {
            value = SUFFIX.containsKey(suffix) ? value.multiply(SUFFIX.get(suffix)) : value.multiply(new BigDecimal("1" + suffix));
        }
        BigDecimal result = value.divide(new BigDecimal(unit)).setScale(0, java.math.RoundingMode.CEILING);
        return result.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0 ? Long.MAX_VALUE : Math.max(0, result.longValue());
    }

    static long memoryRequest(JsonObject container) {
        String request = of(container, "requests", "memory");
        return quantity(request.isEmpty() ? of(container, "limits", "memory") : request, "1");
    }

    static long memoryLimit(JsonObject container) {
        return quantity(of(container, "limits", "memory"), "1");
    }

    static long cpuLimitMillis(JsonObject container) {
        return quantity(of(container, "limits", "cpu"), "0.001");
    }

    private static String of(JsonObject container, String kind, String resource) {
        return Pod.text(Pod.object(Pod.object(container, "resources"), kind), resource);
    }

    static boolean isSidecar(JsonObject initContainer) {
        return "Always".equals(Pod.text(initContainer, "restartPolicy"));
    }

    /**
     * Memory the pod asks for, in bytes: that of its containers and sidecars together, or what the most
     * demanding init container and the sidecars before it need, plus overhead (as the scheduler counts).
     */
    static long memoryRequest(Pod pod) {
        long sidecars = 0;
        long peak = 0;
        for (JsonObject each : pod.initContainers()) {
            if (isSidecar(each)) {
                sidecars += memoryRequest(each);
                peak = Math.max(peak, sidecars);
            } else {
                peak = Math.max(peak, sidecars + memoryRequest(each));
            }
        }
        long together = sidecars;
        for (JsonObject each : pod.containers()) {
            together += memoryRequest(each);
        }
        return Math.max(peak, together) + quantity(Pod.text(Pod.object(pod.spec(), "overhead"), "memory"), "1");
    }

    /** {@code Guaranteed}, {@code Burstable} or {@code BestEffort}. */
    static String qosClass(Pod pod) {
        String given = Pod.text(pod.status(), "qosClass");
        if (!given.isEmpty()) {
            return given;
        }
        List<JsonObject> all = new ArrayList<>(pod.initContainers());
        all.addAll(pod.containers());
        boolean some = false;
        boolean guaranteed = true;
        for (JsonObject container : all) {
            for (String resource : List.of("cpu", "memory")) {
                long limit = quantity(of(container, "limits", resource), "0.001");
                String said = of(container, "requests", resource);
                long request = said.isEmpty() ? limit : quantity(said, "0.001");
                some |= limit > 0 || request > 0;
                guaranteed &= limit > 0 && limit == request;
            }
        }
        return !some ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }
}
