package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks pods, and what may change about them. */
final class PodChecks {

    private static final int MAX_DOMAIN = 253;
    private static final Pattern SEARCH = Pattern.compile("_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*");
    private static final Pattern SYSCTL = Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");
    private static final List<String> RESTART = List.of("Always", "OnFailure", "Never");
    private static final List<String> DNS = List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
    private static final int MAX_NAME_SERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final String INTEGER_RANGE = ", inclusive";
    private static final String CHANGEABLE = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be"
            + " set to 1 if it was previously negative)";

    private PodChecks() {
    }

    static void check(Problems problems, JsonObject pod) {
        JsonObject spec = Tree.object(pod, "spec");
        List<JsonObject> containers = Tree.objects(spec, "containers");
        List<JsonObject> initContainers = Tree.objects(spec, "initContainers");
        Set<String> volumes = new VolumeChecks(problems).check(Tree.objects(spec, "volumes"), "spec.volumes");
        ContainerChecks checks = new ContainerChecks(problems, volumes, Tree.number(spec, "terminationGracePeriodSeconds"));
        checks.check(containers, "spec.containers");
        checks.checkInit(initContainers, containers, "spec.initContainers");
        hostNetwork(problems, spec, containers);
        oneOf(problems, spec, "restartPolicy", RESTART);
        oneOf(problems, spec, "dnsPolicy", DNS);
        LabelSelectors.checkLabels(problems, Tree.object(spec, "nodeSelector"), "spec.nodeSelector");
        for (String name : List.of("fsGroup", "runAsUser", "runAsGroup")) {
            ContainerChecks.checkId(problems, Tree.object(spec, "securityContext"), name, "spec.securityContext");
        }
        sysctls(problems, spec);
        new AffinityChecks(problems).check(Tree.object(spec, "affinity"), "spec.affinity");
        dns(problems, spec);
        gates(problems, spec);
        new AffinityChecks(problems).checkSpread(Tree.objects(spec, "topologySpreadConstraints"), "spec.topologySpreadConstraints");
        names(problems, spec);
        checks.checkImages(containers, "spec.containers");
        checks.checkImages(initContainers, "spec.initContainers");
    }

    /** What only matters when a pod is created. */
    static void checkNew(Problems problems, JsonObject pod) {
        if (!Tree.objects(pod, "spec", "ephemeralContainers").isEmpty()) {
            problems.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
        if (!Tree.text(pod, "spec", "nodeName").isEmpty() && !Tree.objects(pod, "spec", "schedulingGates").isEmpty()) {
            problems.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
    }

    private static void oneOf(Problems problems, JsonObject spec, String name, List<String> supported) {
        if (!supported.contains(Tree.text(spec, name))) {
            problems.notSupported("spec." + name, Tree.text(spec, name), supported);
        }
    }

    private static void hostNetwork(Problems problems, JsonObject spec, List<JsonObject> containers) {
        for (int i = 0; Tree.flag(spec, "hostNetwork") && i < containers.size(); i++) {
            List<JsonObject> ports = Tree.objects(containers.get(i), "ports");
            for (int j = 0; j < ports.size(); j++) {
                long host = Tree.number(ports.get(j), "hostPort");
                if (host != Tree.number(ports.get(j), "containerPort")) {
                    problems.invalid("spec.containers[" + i + "].ports[" + j + "].hostPort", host, "must match `containerPort` when `hostNetwork` is true");
                }
            }
        }
    }

    private static void dns(Problems problems, JsonObject spec) {
        boolean none = Tree.text(spec, "dnsPolicy").equals("None");
        JsonObject config = Tree.object(spec, "dnsConfig");
        List<String> servers = Tree.texts(config, "nameservers");
        if (none && !Tree.has(spec, "dnsConfig")) {
            problems.required("spec.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if (none && servers.isEmpty()) {
            problems.required("spec.dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
            return;
        }
        if (servers.size() > MAX_NAME_SERVERS) {
            problems.invalidJson("spec.dnsConfig.nameservers", config.get("nameservers").toString(), "must not have more than " + MAX_NAME_SERVERS + " nameservers");
        }
        for (int i = 0; i < servers.size(); i++) {
            address(problems, servers.get(i), "spec.dnsConfig.nameservers[" + i + "]");
        }
        List<String> searches = Tree.texts(config, "searches");
        if (searches.size() > MAX_SEARCHES) {
            problems.invalidJson("spec.dnsConfig.searches", config.get("searches").toString(), "must not have more than " + MAX_SEARCHES + " search paths");
        }
        for (int i = 0; i < searches.size(); i++) {
            String domain = searches.get(i).length() > 1 && searches.get(i).endsWith(".") ? searches.get(i).substring(0, searches.get(i).length() - 1) : searches.get(i);
            if (!domain.equals(".") && (domain.length() > MAX_DOMAIN || !SEARCH.matcher(domain).matches())) {
                problems.invalid("spec.dnsConfig.searches[" + i + "]", searches.get(i), domain.length() > MAX_DOMAIN ? "must be no more than " + MAX_DOMAIN + " bytes"
                        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an"
                        + " alphanumeric character (e.g. 'example.com', regex used for validation is '" + SEARCH.pattern() + "')");
            }
        }
        List<JsonObject> options = Tree.objects(config, "options");
        for (int i = 0; i < options.size(); i++) {
            if (Tree.text(options.get(i), "name").isEmpty()) {
                problems.required("spec.dnsConfig.options[" + i + "]", "must not be empty");
            }
        }
    }

    private static void sysctls(Problems problems, JsonObject spec) {
        List<JsonObject> all = Tree.objects(Tree.object(spec, "securityContext"), "sysctls");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < all.size(); i++) {
            String field = "spec.securityContext.sysctls[" + i + "].name";
            String name = Tree.text(all.get(i), "name");
            if (name.isEmpty()) {
                problems.required(field, "");
            } else if (name.length() > MAX_DOMAIN || !SYSCTL.matcher(name).matches()) {
                problems.invalid(field, name, "must have at most " + MAX_DOMAIN + " characters and match regex ^" + SYSCTL.pattern() + "$");
            } else if (!seen.add(name.replace('/', '.'))) {
                problems.duplicate(field, Problems.quoted(name), "");
            }
        }
    }

    private static void gates(Problems problems, JsonObject spec) {
        List<JsonObject> readiness = Tree.objects(spec, "readinessGates");
        for (int i = 0; i < readiness.size(); i++) {
            String type = Tree.text(readiness.get(i), "conditionType");
            problems.invalid("spec.readinessGates[" + i + "].conditionType", type, Formats.qualifiedName(type));
        }
        Set<String> seen = new HashSet<>();
        List<JsonObject> scheduling = Tree.objects(spec, "schedulingGates");
        for (int i = 0; i < scheduling.size(); i++) {
            String name = Tree.text(scheduling.get(i), "name");
            problems.invalid("spec.schedulingGates[" + i + "]", name, Formats.qualifiedName(name));
            if (!seen.add(name)) {
                problems.duplicate("spec.schedulingGates[" + i + "]", Problems.quoted(name), "");
            }
        }
    }

    private static void names(Problems problems, JsonObject spec) {
        for (String name : List.of("serviceAccountName", "nodeName")) {
            String value = Tree.text(spec, name);
            if (!value.isEmpty()) {
                problems.invalid("spec." + name, value, Formats.subdomain(value));
            }
        }
        if (Tree.has(spec, "activeDeadlineSeconds")) {
            long deadline = Tree.number(spec, "activeDeadlineSeconds");
            if (deadline < 1 || deadline > Integer.MAX_VALUE) {
                problems.invalid("spec.activeDeadlineSeconds", deadline, "must be between 1 and " + Integer.MAX_VALUE + INTEGER_RANGE);
            }
        }
        for (String name : List.of("hostname", "subdomain")) {
            String value = Tree.text(spec, name);
            if (!value.isEmpty()) {
                problems.invalid("spec." + name, value, Formats.label(value));
            }
        }
        Taints.checkTolerations(problems, Tree.objects(spec, "tolerations"), "spec.tolerations");
        List<JsonObject> aliases = Tree.objects(spec, "hostAliases");
        for (int i = 0; i < aliases.size(); i++) {
            address(problems, Tree.text(aliases.get(i), "ip"), "spec.hostAliases[" + i + "].ip");
            List<String> hosts = Tree.texts(aliases.get(i), "hostnames");
            for (int j = 0; j < hosts.size(); j++) {
                problems.invalid("spec.hostAliases[" + i + "].hostnames[" + j + "]", hosts.get(j), Formats.subdomain(hosts.get(j)));
            }
        }
        for (String name : List.of("priorityClassName", "runtimeClassName")) {
            String value = Tree.text(spec, name);
            if (!value.isEmpty() || name.equals("runtimeClassName") && Tree.has(spec, name)) {
                problems.invalid("spec." + name, value, Formats.subdomain(value));
            }
        }
        JsonObject overhead = new JsonObject();
        overhead.add("limits", Tree.object(spec, "overhead"));
        Resources.check(problems, overhead, "spec.overhead");
        if (Tree.has(spec, "os")) {
            String os = Tree.text(spec, "os", "name");
            if (os.isEmpty()) {
                problems.required("spec.os.name", "");
            } else if (!List.of("linux", "windows").contains(os)) {
                problems.notSupported("spec.os", os, List.of("linux", "windows"));
            }
        }
    }

    private static void address(Problems problems, String text, String path) {
        if (!Addresses.isAddress(text)) {
            problems.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    static void checkUpdate(Problems problems, JsonObject pod, JsonObject old) {
        JsonObject spec = Tree.object(pod, "spec").deepCopy();
        JsonObject before = Tree.object(old, "spec");
        for (String list : List.of("containers", "initContainers")) {
            List<JsonObject> containers = Tree.objects(spec, list);
            List<JsonObject> was = Tree.objects(before, list);
            if (containers.size() != was.size()) {
                problems.forbidden("spec." + list, "pod updates may not add or remove containers");
                return;
            }
            for (int i = 0; i < was.size(); i++) {
                restore(containers.get(i), was.get(i), "image");
            }
        }
        if (!deadline(problems, spec, before)) {
            return;
        }
        tolerations(problems, spec, before);
        Set<String> gates = new HashSet<>();
        Tree.objects(before, "schedulingGates").forEach(gate -> gates.add(Tree.text(gate, "name")));
        List<JsonObject> after = Tree.objects(spec, "schedulingGates");
        for (int i = 0; i < after.size(); i++) {
            if (!gates.contains(Tree.text(after.get(i), "name"))) {
                problems.forbidden("spec.schedulingGates[" + i + "].name", "only deletion is allowed, but found new scheduling gate '" + Tree.text(after.get(i), "name") + "'");
            }
        }
        for (String name : List.of("activeDeadlineSeconds", "schedulingGates", "tolerations")) {
            restore(spec, before, name);
        }
        if (Tree.number(before, "terminationGracePeriodSeconds") < 0 && Tree.number(spec, "terminationGracePeriodSeconds") == 1) {
            restore(spec, before, "terminationGracePeriodSeconds");
        }
        if (!gates.isEmpty()) {
            restore(spec, before, "nodeSelector");
            restore(spec, before, "affinity");
        }
        if (!spec.equals(before)) {
            StringBuilder changes = new StringBuilder();
            for (String name : spec.keySet()) {
                if (!Objects.equals(spec.get(name), before.get(name))) {
                    changes.append("\n  spec.").append(name).append(": ").append(shown(before.get(name))).append(" -> ").append(shown(spec.get(name)));
                }
            }
            problems.forbidden("spec", CHANGEABLE + changes + "\n");
        }
    }

    private static boolean deadline(Problems problems, JsonObject spec, JsonObject before) {
        String path = "spec.activeDeadlineSeconds";
        if (!Tree.has(spec, "activeDeadlineSeconds")) {
            if (Tree.has(before, "activeDeadlineSeconds")) {
                problems.invalidJson(path, "null", "must not update from a positive integer to nil value");
            }
            return true;
        }
        long deadline = Tree.number(spec, "activeDeadlineSeconds");
        if (deadline < 0 || deadline > Integer.MAX_VALUE) {
            problems.invalid(path, deadline, "must be between 0 and " + Integer.MAX_VALUE + INTEGER_RANGE);
            return false;
        }
        if (Tree.has(before, "activeDeadlineSeconds") && Tree.number(before, "activeDeadlineSeconds") < deadline) {
            problems.invalid(path, deadline, "must be less than or equal to previous value");
            return false;
        }
        return true;
    }

    private static void tolerations(Problems problems, JsonObject spec, JsonObject before) {
        List<JsonObject> now = Tree.objects(spec, "tolerations").stream().map(PodChecks::withoutSeconds).toList();
        if (!now.containsAll(Tree.objects(before, "tolerations").stream().map(PodChecks::withoutSeconds).toList())) {
            problems.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        } else {
            Taints.checkTolerations(problems, Tree.objects(spec, "tolerations"), "spec.tolerations");
        }
    }

    private static JsonObject withoutSeconds(JsonObject toleration) {
        JsonObject copy = toleration.deepCopy();
        copy.remove("tolerationSeconds");
        return copy;
    }

    private static void restore(JsonObject object, JsonObject old, String name) {
        JsonElement before = old.get(name);
        if (before == null) {
            object.remove(name);
        } else {
            object.add(name, before);
        }
    }

    private static String shown(JsonElement value) {
        return value == null ? "none" : value instanceof JsonArray list ? list.size() + " entries" : value.toString();
    }
}
