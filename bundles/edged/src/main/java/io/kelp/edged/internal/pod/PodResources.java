package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.env.Quantity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** What pods ask for: quantities, sums over containers, the quality of service class. */
final class PodResources {

    private PodResources() {}

    /**
     * A Kubernetes quantity.
     *
     * @param unit for example 1 for bytes, 0.001 for thousandths of a processor
     * @return in that unit, rounded up; 0 for what is no quantity
     */
    static long quantity(String text, String unit) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Math.max(0, Quantity.units(Quantity.parse(text), new BigDecimal(unit)));
        } catch (IllegalArgumentException e) {
            return 0; // the API server lets no such thing through; a manifest may have it
        }
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
