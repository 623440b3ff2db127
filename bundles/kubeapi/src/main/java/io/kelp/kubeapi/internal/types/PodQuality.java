package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The quality-of-service class of a pod, from the processor time and memory that it asks for. */
final class PodQuality {

    private static final List<String> COUNTED = List.of("cpu", "memory");

    private PodQuality() {
    }

    /** @return {@code Guaranteed}, {@code Burstable} or {@code BestEffort} */
    static String of(JsonObject pod) {
        List<JsonObject> parts = new ArrayList<>();
        if (Tree.has(pod, "spec", "resources")) {
            parts.add(Tree.object(pod, "spec")); // said for the whole pod, containers do not matter then
        } else {
            parts.addAll(Tree.objects(pod, "spec", "containers"));
            parts.addAll(Tree.objects(pod, "spec", "initContainers"));
        }
        Map<String, Quantity> requests = new HashMap<>();
        Map<String, Quantity> limits = new HashMap<>();
        boolean guaranteed = true;
        for (JsonObject part : parts) {
            add(requests, Tree.object(part, "resources", "requests"));
            guaranteed &= add(limits, Tree.object(part, "resources", "limits")) == COUNTED.size();
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return "BestEffort";
        }
        return guaranteed && requests.equals(limits) ? "Guaranteed" : "Burstable";
    }

    private static int add(Map<String, Quantity> to, JsonObject amounts) {
        int found = 0;
        for (String name : COUNTED) {
            String amount = Tree.text(amounts, name);
            if (!amount.isEmpty() && Quantity.parse(amount).signum() > 0) {
                to.merge(name, Quantity.parse(amount), Quantity::plus);
                found++;
            }
        }
        return found;
    }
}
