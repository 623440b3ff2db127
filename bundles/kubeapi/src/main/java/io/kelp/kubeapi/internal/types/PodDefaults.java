package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/** What a pod gets where its author said nothing (Kubernetes 1.34, {@code core/v1}). */
final class PodDefaults {

    private static final int FILE_MODE = 0644;
    private static final int GRACE_SECONDS = 30;
    private static final int TOKEN_SECONDS = 3600;

    private PodDefaults() {
    }

    static void set(JsonObject pod) {
        JsonObject spec = Tree.make(pod, "spec");
        Tree.objects(spec, "volumes").forEach(PodDefaults::volume);
        boolean hostNetwork = Tree.flag(spec, "hostNetwork");
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonObject container : Tree.objects(spec, list)) {
                container(container, hostNetwork && !list.startsWith("ephemeral"));
                Resources.round(Tree.object(container, "resources", "limits"));
                Resources.round(Tree.object(container, "resources", "requests"));
                if (!list.startsWith("ephemeral")) {
                    requestsFromLimits(container);
                }
            }
        }
        Resources.round(Tree.object(spec, "overhead"));
        if (Tree.has(spec, "resources")) {
            podResources(spec);
        }
        Tree.setDefault(spec, "restartPolicy", "Always");
        Tree.setDefault(spec, "terminationGracePeriodSeconds", GRACE_SECONDS);
        Tree.setDefault(spec, "dnsPolicy", "ClusterFirst");
        Tree.make(spec, "securityContext");
        Tree.setDefault(spec, "schedulerName", "default-scheduler");
        Tree.setDefault(spec, "enableServiceLinks", true);
        String account = Tree.text(spec, "serviceAccountName");
        if (account.isEmpty()) {
            account = Tree.text(spec, "serviceAccount");
        }
        if (!account.isEmpty()) {
            spec.addProperty("serviceAccountName", account);
            spec.addProperty("serviceAccount", account);
        }
        addresses(Tree.make(pod, "status"));
    }

    /** One field for one address came first; where it differs from the list, it counts. */
    private static void addresses(JsonObject status) {
        String single = Tree.text(status, "podIP");
        List<JsonObject> all = Tree.objects(status, "podIPs");
        String first = all.isEmpty() ? "" : Tree.text(all.get(0), "ip");
        if (!single.isEmpty() && !single.equals(first)) {
            JsonObject address = new JsonObject();
            address.addProperty("ip", single);
            JsonArray list = new JsonArray();
            list.add(address);
            status.add("podIPs", list);
        } else if (single.isEmpty() && !first.isEmpty()) {
            status.addProperty("podIP", first);
        }
    }

    private static void container(JsonObject container, boolean hostNetwork) {
        Tree.setDefault(container, "imagePullPolicy", ImageName.moves(Tree.text(container, "image")) ? "Always" : "IfNotPresent");
        Tree.setDefault(container, "terminationMessagePath", "/dev/termination-log");
        Tree.setDefault(container, "terminationMessagePolicy", "File");
        for (JsonObject port : Tree.objects(container, "ports")) {
            Tree.setDefault(port, "protocol", "TCP");
            if (hostNetwork && Tree.number(port, "hostPort") == 0) {
                port.addProperty("hostPort", Tree.number(port, "containerPort"));
            }
        }
        for (JsonObject variable : Tree.objects(container, "env")) {
            fieldReference(Tree.object(variable, "valueFrom"));
        }
        for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (Tree.has(container, name)) {
                probe(Tree.object(container, name));
            }
        }
        action(Tree.object(container, "lifecycle", "postStart"));
        action(Tree.object(container, "lifecycle", "preStop"));
    }

    private static void requestsFromLimits(JsonObject container) {
        JsonObject limits = Tree.object(container, "resources", "limits");
        for (String name : limits.keySet()) {
            JsonObject requests = Tree.make(Tree.object(container, "resources"), "requests");
            if (!requests.has(name)) {
                requests.add(name, limits.get(name));
            }
        }
    }

    /** What is asked for the whole pod: at least what its containers ask for, else the limit. */
    private static void podResources(JsonObject spec) {
        JsonObject resources = Tree.object(spec, "resources");
        Resources.round(Tree.object(resources, "limits"));
        Resources.round(Tree.object(resources, "requests"));
        for (String name : List.of("cpu", "memory")) {
            Quantity asked = Quantity.parse("0");
            for (JsonObject container : Tree.objects(spec, "containers")) {
                asked = asked.plus(request(container, name));
            }
            for (JsonObject container : Tree.objects(spec, "initContainers")) {
                Quantity one = request(container, name);
                asked = one.compareTo(asked) > 0 ? one : asked;
            }
            String limit = Tree.text(resources, "limits", name);
            if (!Tree.has(resources, "requests", name) && (asked.signum() > 0 || !limit.isEmpty())) {
                Tree.make(resources, "requests").addProperty(name, asked.signum() > 0 ? asked.toString() : limit);
            }
        }
    }

    private static Quantity request(JsonObject container, String name) {
        String amount = Tree.text(container, "resources", "requests", name);
        return Quantity.parse(amount.isEmpty() ? "0" : amount);
    }

    private static void probe(JsonObject probe) {
        action(probe);
        if (Tree.at(probe, "grpc") instanceof JsonObject grpc && !Tree.has(grpc, "service")) {
            grpc.addProperty("service", "");
        }
        positive(probe, "timeoutSeconds", 1);
        positive(probe, "periodSeconds", 10);
        positive(probe, "successThreshold", 1);
        positive(probe, "failureThreshold", 3);
    }

    private static void positive(JsonObject object, String name, int value) {
        if (Tree.number(object, name) == 0) {
            object.addProperty(name, value);
        }
    }

    private static void action(JsonObject action) {
        if (Tree.at(action, "httpGet") instanceof JsonObject get) {
            Tree.setDefault(get, "path", "/");
            Tree.setDefault(get, "scheme", "HTTP");
        }
    }

    private static void fieldReference(JsonObject source) {
        if (Tree.at(source, "fieldRef") instanceof JsonObject reference) {
            Tree.setDefault(reference, "apiVersion", "v1");
        }
    }

    private static void volume(JsonObject volume) {
        if (volume.keySet().stream().allMatch("name"::equals)) {
            volume.add("emptyDir", new JsonObject());
            return;
        }
        for (String files : List.of("secret", "configMap", "downwardAPI", "projected")) {
            if (Tree.at(volume, files) instanceof JsonObject source) {
                Tree.setDefault(source, "defaultMode", FILE_MODE);
            }
        }
        Tree.objects(volume, "downwardAPI", "items").forEach(PodDefaults::fieldReference);
        for (JsonObject source : Tree.objects(volume, "projected", "sources")) {
            if (Tree.at(source, "serviceAccountToken") instanceof JsonObject token) {
                Tree.setDefault(token, "expirationSeconds", TOKEN_SECONDS);
            }
            Tree.objects(source, "downwardAPI", "items").forEach(PodDefaults::fieldReference);
        }
        if (Tree.at(volume, "hostPath") instanceof JsonObject path && !Tree.has(path, "type")) {
            path.addProperty("type", "");
        }
        if (Tree.at(volume, "iscsi") instanceof JsonObject disk) {
            Tree.setDefault(disk, "iscsiInterface", "default");
        }
        if (Tree.at(volume, "rbd") instanceof JsonObject disk) {
            Tree.setDefault(disk, "pool", "rbd");
            Tree.setDefault(disk, "user", "admin");
            Tree.setDefault(disk, "keyring", "/etc/ceph/keyring");
        }
        if (Tree.at(volume, "azureDisk") instanceof JsonObject disk) {
            Tree.setDefault(disk, "cachingMode", "ReadWrite");
            Tree.setDefault(disk, "kind", "Shared");
            Tree.setDefault(disk, "fsType", "ext4");
            Tree.setDefault(disk, "readOnly", false);
        }
        if (Tree.at(volume, "scaleIO") instanceof JsonObject disk) {
            Tree.setDefault(disk, "storageMode", "ThinProvisioned");
            Tree.setDefault(disk, "fsType", "xfs");
        }
        if (Tree.at(volume, "ephemeral", "volumeClaimTemplate", "spec") instanceof JsonObject claim) {
            Tree.setDefault(claim, "volumeMode", "Filesystem");
        }
    }
}
