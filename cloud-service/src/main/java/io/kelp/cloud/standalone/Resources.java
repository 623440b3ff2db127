package io.kelp.cloud.standalone;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;

/** Amounts of resources by name ({@code cpu} in cores, {@code memory} in bytes, {@code pods}). */
record Resources(Map<String, BigDecimal> amounts) {

    static final Resources NONE = new Resources(Map.of());

    private static final BigDecimal MOST = BigDecimal.TEN.pow(30);
    private static final int BILLIONTH = 9;
    private static final BigDecimal LEAST = BigDecimal.ONE.movePointLeft(BILLIONTH);

    Resources {
        amounts = Map.copyOf(amounts);
    }

    /** @param quantities name → Kubernetes quantity; what is none is left out */
    static Resources of(JsonObject quantities) {
        Map<String, BigDecimal> amounts = new HashMap<>();
        for (Map.Entry<String, JsonElement> entry : quantities.entrySet()) {
            try {
                amounts.put(entry.getKey(), bounded(Quantity.getAmountInBytes(Quantity.parse(entry.getValue().getAsString()))));
            } catch (IllegalArgumentException e) {
                continue; // the API has validated it; a Node's own status is not worth an end of placement
            }
        }
        return new Resources(amounts);
    }

    /** More than any machine has is all the same. A sum of 1 and 1e999999999 would have a thousand million digits. */
    private static BigDecimal bounded(BigDecimal amount) {
        if (amount.compareTo(MOST) > 0) {
            return MOST;
        }
        if (amount.signum() > 0 && amount.compareTo(LEAST) < 0) {
            return LEAST;
        }
        return amount.scale() > BILLIONTH ? amount.setScale(BILLIONTH, RoundingMode.UP) : amount;
    }

    /** What a pod asks for: the sum of its containers, at least the largest init container, and its overhead. */
    static Resources requestedBy(JsonObject podSpec) {
        Resources sum = NONE;
        for (JsonObject container : Tree.objects(podSpec, "containers")) {
            sum = sum.plus(requests(container));
        }
        for (JsonObject container : Tree.objects(podSpec, "initContainers")) {
            sum = Tree.text(container, "restartPolicy").equals("Always") ? sum.plus(requests(container)) : sum.max(requests(container));
        }
        return sum.plus(of(Tree.object(podSpec, "overhead")));
    }

    private static Resources requests(JsonObject container) {
        return of(Tree.object(Tree.object(container, "resources"), "requests"));
    }

    Resources plus(Resources other) {
        return merged(other, true);
    }

    private Resources max(Resources other) {
        return merged(other, false);
    }

    private Resources merged(Resources other, boolean add) {
        Map<String, BigDecimal> merged = new HashMap<>(amounts);
        other.amounts.forEach((name, amount) -> merged.merge(name, amount, add ? BigDecimal::add : BigDecimal::max));
        return new Resources(merged);
    }

    BigDecimal get(String name) {
        return amounts.getOrDefault(name, BigDecimal.ZERO);
    }
}
