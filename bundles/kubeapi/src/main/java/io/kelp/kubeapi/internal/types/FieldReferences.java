package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks references to fields of the pod and to resources of its containers, for environment variables and files. */
final class FieldReferences {

    static final Set<String> FOR_VARIABLES = Set.of("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
            "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs");
    static final Set<String> FOR_FILES = Set.of("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid");

    private static final Set<String> KNOWN = Set.of("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
            "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP", "status.hostIPs",
            "status.podIP", "status.podIPs");
    private static final Set<String> RESOURCES = Set.of("limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory",
            "requests.ephemeral-storage");
    private static final Set<String> CPU_DIVISORS = Set.of("1m", "1");
    private static final List<String> BYTE_DIVISORS = List.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");
    private static final Pattern SUBSCRIPT = Pattern.compile("(.+)\\['(.*)'\\]");

    private FieldReferences() {
    }

    static void checkField(Problems problems, JsonObject reference, Set<String> supported, String path) {
        String version = Tree.text(reference, "apiVersion");
        String field = Tree.text(reference, "fieldPath");
        if (version.isEmpty()) {
            problems.required(path + ".apiVersion", "");
            return;
        }
        if (field.isEmpty()) {
            problems.required(path + ".fieldPath", "");
            return;
        }
        Matcher subscript = SUBSCRIPT.matcher(field);
        boolean subscripted = subscript.matches();
        String trouble = null;
        if (!version.equals("v1")) {
            trouble = "unsupported pod version: " + version;
        } else if (subscripted && !Set.of("metadata.annotations", "metadata.labels").contains(subscript.group(1))) {
            trouble = "field label does not support subscript: " + field;
        } else if (!subscripted && !KNOWN.contains(field) && !field.equals("spec.host")) {
            trouble = "field label not supported: " + field;
        }
        if (trouble != null) {
            problems.invalid(path + ".fieldPath", field, "error converting fieldPath: " + trouble);
        } else if (subscripted) {
            String key = subscript.group(1).equals("metadata.annotations") ? subscript.group(2).toLowerCase(Locale.ROOT) : subscript.group(2);
            problems.invalid(path, key, Formats.qualifiedName(key));
        } else {
            String name = field.equals("spec.host") ? "spec.nodeName" : field;
            if (!supported.contains(name)) {
                problems.notSupported(path + ".fieldPath", name, new TreeSet<>(supported));
            }
        }
    }

    static void checkResource(Problems problems, JsonObject reference, boolean file, String path) {
        String resource = Tree.text(reference, "resource");
        boolean huge = resource.startsWith("requests.hugepages-") || resource.startsWith("limits.hugepages-");
        if (file && Tree.text(reference, "containerName").isEmpty()) {
            problems.required(path + ".containerName", "");
        } else if (resource.isEmpty()) {
            problems.required(path + ".resource", "");
        } else if (!RESOURCES.contains(resource) && !huge) {
            problems.notSupported(path + ".resource", resource, new TreeSet<>(RESOURCES));
        }
        String divisor = Tree.text(reference, "divisor");
        if (divisor.isEmpty() || divisor.equals("0")) {
            return;
        }
        if (resource.endsWith(".cpu") && !CPU_DIVISORS.contains(divisor)) {
            problems.invalid(path + ".divisor", resource, "only divisor's values 1m and 1 are supported with the cpu resource");
        } else if (!resource.endsWith(".cpu") && (RESOURCES.contains(resource) || huge) && !BYTE_DIVISORS.contains(divisor)) {
            String what = huge ? "hugepages" : resource.endsWith(".memory") ? "memory" : "local ephemeral storage";
            problems.invalid(path + ".divisor", resource, "only divisor's values " + String.join(", ", BYTE_DIVISORS) + " are supported with the " + what + " resource");
        }
    }
}
