package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Nodes: new ones get no pods before they were seen to be ready. */
final class NodeRules extends BuiltInRules {

    private static final String NOT_READY = "node.kubernetes.io/not-ready";

    NodeRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public void setDefaults(JsonObject node) {
        JsonObject spec = Tree.make(node, "spec");
        String single = Tree.text(spec, "podCIDR");
        List<String> all = Tree.texts(spec, "podCIDRs");
        if (!single.isEmpty() && (all.isEmpty() || !all.get(0).equals(single))) { // the older field counts where they differ
            spec.remove("podCIDRs");
            Tree.makeList(spec, "podCIDRs").add(single);
        } else if (single.isEmpty() && !all.isEmpty()) {
            spec.addProperty("podCIDR", all.get(0));
        }
        spec.remove("configSource"); // a feature that is gone
        JsonObject status = Tree.make(node, "status");
        status.remove("config");
        Resources.round(Tree.object(status, "capacity"));
        Resources.round(Tree.object(status, "allocatable"));
        if (Tree.has(status, "capacity") && !Tree.has(status, "allocatable")) {
            status.add("allocatable", status.get("capacity").deepCopy());
        }
    }

    @Override
    public void prepareForCreate(JsonObject node, AdmissionContext context) {
        JsonArray taints = Tree.makeList(Tree.make(node, "spec"), "taints");
        boolean there = Tree.objects(node, "spec", "taints").stream()
                .anyMatch(taint -> Tree.text(taint, "key").equals(NOT_READY) && Tree.text(taint, "effect").equals("NoSchedule"));
        if (!there) {
            JsonObject taint = new JsonObject();
            taint.addProperty("key", NOT_READY);
            taint.addProperty("effect", "NoSchedule");
            taints.add(taint);
        }
    }

    @Override
    public void prepareForUpdate(JsonObject node, JsonObject old, String subresource) {
        separateStatus(node, old, subresource);
    }

    @Override
    public List<FieldError> validate(JsonObject node) {
        Problems problems = new Problems();
        Taints.check(problems, Tree.objects(node, "spec", "taints"), "metadata.taints");
        resources(problems, node);
        List<String> ranges = Tree.texts(node, "spec", "podCIDRs");
        int sixes = 0;
        for (int i = 0; i < ranges.size(); i++) {
            sixes += ranges.get(i).contains(":") ? 1 : 0;
            if (!Addresses.isRange(ranges.get(i))) {
                problems.invalid("spec.podCIDRs[" + i + "]", ranges.get(i), "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }
        int bad = IntStream.range(0, ranges.size()).filter(i -> !Addresses.isRange(ranges.get(i))).findFirst().orElse(-1);
        if (bad >= 0 && ranges.size() > 1) {
            problems.internal("spec.podCIDRs", "invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[" + bad
                    + "]: <nil> (invalid CIDR address: " + ranges.get(bad) + ")");
        }
        if (ranges.size() > 1 && (bad >= 0 || ranges.size() > 2 || sixes != 1)) {
            problems.invalidJson("spec.podCIDRs", Tree.at(node, "spec", "podCIDRs").toString(), "may specify no more than one CIDR for each IP family");
        }
        return problems.list();
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject node, JsonObject old, String subresource) {
        Problems problems = new Problems();
        resources(problems, node);
        Set<JsonObject> seen = new HashSet<>();
        List<JsonObject> addresses = Tree.objects(node, "status", "addresses");
        for (int i = 0; i < addresses.size(); i++) {
            JsonObject address = addresses.get(i);
            if (!seen.add(address)) {
                problems.duplicate("status.addresses[" + i + "]", "{\"Type\":" + Problems.quoted(Tree.text(address, "type")) + ",\"Address\":"
                        + Problems.quoted(Tree.text(address, "address")) + "}", "");
            }
        }
        List<String> before = Tree.texts(old, "spec", "podCIDRs");
        List<String> after = Tree.texts(node, "spec", "podCIDRs");
        String fixed = "node updates may not change podCIDR except from \"\" to valid";
        if (!before.isEmpty() && before.size() != after.size()) {
            problems.forbidden("spec.podCIDRs", fixed);
        } else {
            for (int i = 0; i < before.size(); i++) {
                if (!before.get(i).equals(after.get(i))) {
                    problems.forbidden("spec.podCIDRs", fixed);
                }
            }
        }
        String provider = Tree.text(old, "spec", "providerID");
        if (!provider.isEmpty() && !provider.equals(Tree.text(node, "spec", "providerID"))) {
            problems.forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
        if (!Tree.text(old, "spec", "externalID").equals(Tree.text(node, "spec", "externalID"))) {
            problems.forbidden("spec.externalID", "may not be updated");
        }
        Taints.check(problems, Tree.objects(node, "spec", "taints"), "metadata.taints"); // once more, so does the original
        return problems.list();
    }

    @Override
    public List<String> warnings(JsonObject node) {
        return Tree.text(node, "spec", "externalID").isEmpty() ? List.of() : List.of("spec.externalID: this field is deprecated, and is unused by Kubernetes");
    }

    private static void resources(Problems problems, JsonObject node) {
        for (String part : List.of("capacity", "allocatable")) {
            JsonObject amounts = Tree.object(node, "status", part);
            for (String name : new TreeSet<>(amounts.keySet())) {
                Resources.checkAmount(problems, name, Tree.text(amounts, name), "status." + part + "." + name);
            }
        }
    }

    @Override
    public Map<String, String> selectableFields(JsonObject node) {
        return Map.of("spec.unschedulable", Boolean.toString(Tree.flag(node, "spec", "unschedulable")));
    }
}
