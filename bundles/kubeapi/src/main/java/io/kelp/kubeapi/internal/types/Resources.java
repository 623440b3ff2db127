package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Checks names and amounts of resources, as nodes offer them and containers ask for them. */
final class Resources {

    private static final Set<String> CONTAINER = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> COUNTED = Set.of("pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
            "persistentvolumeclaims", "services.nodeports", "services.loadbalancers");
    private static final Set<String> OTHER = Set.of("storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage",
            "limits.cpu", "limits.memory", "limits.ephemeral-storage");
    private static final String HUGE_PAGES = "hugepages-";

    private Resources() {
    }

    /** @param resources with {@code limits} and {@code requests} */
    static void check(Problems problems, JsonObject resources, String path) {
        JsonObject limits = Tree.object(resources, "limits");
        JsonObject requests = Tree.object(resources, "requests");
        for (String name : new TreeSet<>(limits.keySet())) {
            checkName(problems, name, path + ".limits[" + name + "]");
            checkAmount(problems, name, Tree.text(limits, name), path + ".limits[" + name + "]");
        }
        for (String name : new TreeSet<>(requests.keySet())) {
            checkName(problems, name, path + ".requests[" + name + "]");
            checkAmount(problems, name, Tree.text(requests, name), path + ".requests[" + name + "]");
            checkRequest(problems, name, Tree.text(requests, name), Tree.text(limits, name), path);
        }
        boolean huge = limits.keySet().stream().anyMatch(Resources::isHugePages) || requests.keySet().stream().anyMatch(Resources::isHugePages);
        if (huge && List.of("cpu", "memory").stream().noneMatch(name -> limits.has(name) || requests.has(name))) {
            problems.forbidden(path, "HugePages require cpu or memory");
        }
    }

    /** Amounts are kept in thousandths at most. */
    static void round(JsonObject amounts) {
        for (String name : List.copyOf(amounts.keySet())) {
            amounts.addProperty(name, Quantity.parse(Tree.text(amounts, name)).roundedToMilli().toString());
        }
    }

    static void checkAmount(Problems problems, String name, String amount, String path) {
        Quantity quantity = Quantity.parse(amount);
        if (quantity.signum() < 0) {
            problems.invalid(path, amount, "must be greater than or equal to 0");
        }
        if ((COUNTED.contains(name) || isExtended(name)) && !quantity.isWhole()) {
            problems.invalid(path, amount, "must be an integer");
        }
    }

    private static void checkName(Problems problems, String name, String path) {
        List<String> wrong = Formats.qualifiedName(name);
        problems.invalid(path, name, wrong);
        boolean plain = !name.contains("/");
        if (wrong.isEmpty() && plain && !CONTAINER.contains(name) && !COUNTED.contains(name) && !OTHER.contains(name) && !isHugePages(name)) {
            problems.invalid(path, name, "must be a standard resource type or fully qualified");
        }
        if (plain && !CONTAINER.contains(name) && !isHugePages(name)) {
            problems.invalid(path, name, "must be a standard resource for containers");
        } else if (!isNative(name) && !isExtended(name)) {
            problems.invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    private static void checkRequest(Problems problems, String name, String request, String limit, String path) {
        boolean overcommit = isNative(name) && !isHugePages(name);
        if (limit.isEmpty()) {
            if (!overcommit) {
                problems.required(path + ".limits", "Limit must be set for non overcommitable resources");
            }
            return;
        }
        int compared = Quantity.parse(request).compareTo(Quantity.parse(limit));
        if (compared != 0 && !overcommit) {
            problems.invalid(path + ".requests", request, "must be equal to " + name + " limit of " + limit);
        } else if (compared > 0) {
            problems.invalid(path + ".requests", request, "must be less than or equal to " + name + " limit of " + limit);
        }
    }

    private static boolean isHugePages(String name) {
        return name.startsWith(HUGE_PAGES);
    }

    private static boolean isNative(String name) {
        return !name.contains("/") || name.contains("kubernetes.io/");
    }

    private static boolean isExtended(String name) {
        return !isNative(name) && !name.startsWith("requests.") && Formats.qualifiedName("requests." + name).isEmpty();
    }
}
