package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks the containers of a pod. */
final class ContainerChecks {

    private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final List<String> PROPAGATIONS = List.of("Bidirectional", "HostToContainer", "None");
    private static final String ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always";

    private final Problems problems;
    private final Set<String> volumes;
    private final HandlerChecks handlers;

    /** @param volumes names of those that may be mounted */
    ContainerChecks(Problems problems, Set<String> volumes, long graceSeconds) {
        this.problems = problems;
        this.volumes = volumes;
        this.handlers = new HandlerChecks(problems, graceSeconds);
    }

    void check(List<JsonObject> containers, String path) {
        if (containers.isEmpty()) {
            problems.required(path, "");
            return;
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < containers.size(); i++) {
            JsonObject container = containers.get(i);
            String at = path + "[" + i + "]";
            common(container, at);
            if (!names.add(Tree.text(container, "name"))) {
                problems.duplicate(at + ".name", Problems.quoted(Tree.text(container, "name")), "");
            }
            handlers.check(container, at);
        }
        hostPorts(containers, path);
    }

    /** @param regular the containers that have taken their names already */
    void checkInit(List<JsonObject> containers, List<JsonObject> regular, String path) {
        Set<String> names = new HashSet<>();
        regular.forEach(container -> names.add(Tree.text(container, "name")));
        for (int i = 0; i < containers.size(); i++) {
            JsonObject container = containers.get(i);
            String at = path + "[" + i + "]";
            common(container, at);
            boolean sidecar = Tree.text(container, "restartPolicy").equals("Always");
            String name = Tree.text(container, "name");
            if (!name.isEmpty() && !names.add(name)) {
                problems.duplicate(at + ".name", Problems.quoted(name), "");
            }
            hostPorts(List.of(container), path);
            if (sidecar) {
                handlers.check(container, at);
                continue;
            }
            for (String member : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
                if (Tree.has(container, member)) {
                    problems.forbidden(at + "." + member, ONLY_SIDECARS);
                }
            }
        }
    }

    void checkImages(List<JsonObject> containers, String path) {
        for (int i = 0; i < containers.size(); i++) {
            String image = Tree.text(containers.get(i), "image");
            if (!image.equals(image.strip())) {
                problems.invalid(path + "[" + i + "].image", image, "must not have leading or trailing whitespace");
            }
        }
    }

    private void common(JsonObject container, String path) {
        String name = Tree.text(container, "name");
        if (name.isEmpty()) {
            problems.required(path + ".name", "");
        } else {
            problems.invalid(path + ".name", name, Formats.label(name));
        }
        if (Tree.text(container, "image").isEmpty()) {
            problems.required(path + ".image", "");
        }
        String policy = Tree.text(container, "terminationMessagePolicy");
        if (!List.of("File", "FallbackToLogsOnError").contains(policy)) {
            problems.notSupported(path + ".terminationMessagePolicy", policy, List.of("File", "FallbackToLogsOnError"));
        }
        ports(Tree.objects(container, "ports"), path + ".ports");
        variables(Tree.objects(container, "env"), path + ".env");
        variableSources(Tree.objects(container, "envFrom"), path + ".envFrom");
        mounts(container, path + ".volumeMounts");
        String pull = Tree.text(container, "imagePullPolicy");
        if (!PULL_POLICIES.contains(pull)) {
            problems.notSupported(path + ".imagePullPolicy", pull, PULL_POLICIES);
        }
        Resources.check(problems, Tree.object(container, "resources"), path + ".resources");
        security(Tree.object(container, "securityContext"), path + ".securityContext");
    }

    private void ports(List<JsonObject> ports, String path) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < ports.size(); i++) {
            String at = path + "[" + i + "]";
            String name = Tree.text(ports.get(i), "name");
            if (!name.isEmpty()) {
                List<String> wrong = Formats.portName(name);
                problems.invalid(at + ".name", name, wrong);
                if (wrong.isEmpty() && !names.add(name)) {
                    problems.duplicate(at + ".name", Problems.quoted(name), "");
                }
            }
            long port = Tree.number(ports.get(i), "containerPort");
            if (port == 0) {
                problems.required(at + ".containerPort", "");
            } else {
                Formats.portNumber(port).forEach(problem -> problems.invalid(at + ".containerPort", port, problem));
            }
            long host = Tree.number(ports.get(i), "hostPort");
            if (host != 0) {
                Formats.portNumber(host).forEach(problem -> problems.invalid(at + ".hostPort", host, problem));
            }
            String protocol = Tree.text(ports.get(i), "protocol");
            if (!PROTOCOLS.contains(protocol)) {
                problems.notSupported(at + ".protocol", protocol, PROTOCOLS);
            }
        }
    }

    private void hostPorts(List<JsonObject> containers, String path) {
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < containers.size(); i++) {
            List<JsonObject> ports = Tree.objects(containers.get(i), "ports");
            for (int j = 0; j < ports.size(); j++) {
                long host = Tree.number(ports.get(j), "hostPort");
                String key = Tree.text(ports.get(j), "protocol") + "/" + Tree.text(ports.get(j), "hostIP") + "/" + host;
                if (host != 0 && !taken.add(key)) {
                    problems.duplicate(path + "[" + i + "].ports[" + j + "].hostPort", Problems.quoted(key), "");
                }
            }
        }
    }

    private void variables(List<JsonObject> variables, String path) {
        for (int i = 0; i < variables.size(); i++) {
            JsonObject variable = variables.get(i);
            String at = path + "[" + i + "]";
            String name = Tree.text(variable, "name");
            if (name.isEmpty()) {
                problems.required(at + ".name", "");
            } else {
                problems.invalid(at + ".name", name, Formats.environmentName(name));
            }
            if (Tree.has(variable, "valueFrom")) {
                valueFrom(Tree.object(variable, "valueFrom"), !Tree.text(variable, "value").isEmpty(), at + ".valueFrom");
            }
        }
    }

    private void valueFrom(JsonObject source, boolean hasValue, String path) {
        int found = 0;
        if (Tree.has(source, "fieldRef")) {
            found++;
            FieldReferences.checkField(problems, Tree.object(source, "fieldRef"), FieldReferences.FOR_VARIABLES, path + ".fieldRef");
        }
        if (Tree.has(source, "resourceFieldRef")) {
            found++;
            FieldReferences.checkResource(problems, Tree.object(source, "resourceFieldRef"), false, path + ".resourceFieldRef");
        }
        for (String kind : List.of("configMapKeyRef", "secretKeyRef")) {
            if (Tree.has(source, kind)) {
                found++;
                JsonObject reference = Tree.object(source, kind);
                problems.invalid(path + "." + kind + ".name", Tree.text(reference, "name"), Formats.subdomain(Tree.text(reference, "name")));
                String key = Tree.text(reference, "key");
                if (key.isEmpty()) {
                    problems.required(path + "." + kind + ".key", "");
                } else {
                    problems.invalid(path + "." + kind + ".key", key, Formats.key(key));
                }
            }
        }
        if (found == 0) {
            problems.invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        } else if (hasValue) {
            problems.invalid(path, "", "may not be specified when `value` is not empty");
        } else if (found > 1) {
            problems.invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    private void variableSources(List<JsonObject> sources, String path) {
        for (int i = 0; i < sources.size(); i++) {
            JsonObject source = sources.get(i);
            String at = path + "[" + i + "]";
            String prefix = Tree.text(source, "prefix");
            if (!prefix.isEmpty()) {
                problems.invalid(at + ".prefix", prefix, Formats.environmentName(prefix));
            }
            int found = 0;
            for (String kind : List.of("configMapRef", "secretRef")) {
                if (Tree.has(source, kind)) {
                    found++;
                    String name = Tree.text(source, kind, "name");
                    if (name.isEmpty()) {
                        problems.required(at + "." + kind + ".name", "");
                    } else {
                        problems.invalid(at + "." + kind + ".name", name, Formats.subdomain(name));
                    }
                }
            }
            if (found == 0) {
                problems.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            } else if (found > 1) {
                problems.invalid(path, "", "may not have more than one field specified at a time");
            }
        }
    }

    private void mounts(JsonObject container, String path) {
        Set<String> points = new HashSet<>();
        List<JsonObject> mounts = Tree.objects(container, "volumeMounts");
        for (int i = 0; i < mounts.size(); i++) {
            JsonObject mount = mounts.get(i);
            String at = path + "[" + i + "]";
            String name = Tree.text(mount, "name");
            if (name.isEmpty()) {
                problems.required(at + ".name", "");
            }
            if (!volumes.contains(name)) {
                problems.notFound(at + ".name", name);
            }
            String point = Tree.text(mount, "mountPath");
            if (point.isEmpty()) {
                problems.required(at + ".mountPath", "");
            }
            if (!points.add(point)) {
                problems.invalid(at + ".mountPath", point, "must be unique");
            }
            String subPath = Tree.text(mount, "subPath");
            String expression = Tree.text(mount, "subPathExpr");
            PathChecks.descending(problems, subPath, path + ".subPath");
            if (!expression.isEmpty() && !subPath.isEmpty()) {
                problems.invalid(at + ".subPathExpr", expression, "subPathExpr and subPath are mutually exclusive");
            }
            PathChecks.descending(problems, expression, path + ".subPathExpr");
            String propagation = Tree.text(mount, "mountPropagation");
            if (Tree.has(mount, "mountPropagation") && !PROPAGATIONS.contains(propagation)) {
                problems.notSupported(path + ".mountPropagation", propagation, PROPAGATIONS);
            }
            if (propagation.equals("Bidirectional") && !Tree.flag(container, "securityContext", "privileged")) {
                problems.forbidden(path + ".mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
            }
        }
    }

    private void security(JsonObject context, String path) {
        for (String name : List.of("runAsUser", "runAsGroup")) {
            checkId(problems, context, name, path);
        }
        boolean noEscalation = Tree.has(context, "allowPrivilegeEscalation") && !Tree.flag(context, "allowPrivilegeEscalation");
        if (noEscalation && Tree.flag(context, "privileged")) {
            problems.invalidJson(path, context.toString(), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        if (noEscalation && Tree.texts(context, "capabilities", "add").contains("CAP_SYS_ADMIN")) {
            problems.invalidJson(path, context.toString(), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    static void checkId(Problems problems, JsonObject context, String name, String path) {
        long id = Tree.number(context, name);
        if (id < 0 || id > Integer.MAX_VALUE) {
            problems.invalid(path + "." + name, id, "must be between 0 and " + Integer.MAX_VALUE + ", inclusive");
        }
    }
}
