package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the admission plug-ins of a stock cluster do to new pods: ServiceAccount, Priority, DefaultTolerationSeconds and RuntimeClass,
 * in this order.
 */
final class PodAdmission {

    private static final String TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String TOKEN_VOLUME = "kube-api-access-";
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX_LENGTH = 5;
    private static final int TOKEN_SECONDS = 3607; // one that clients can tell from those asked for by hand
    private static final int FILE_MODE = 0644;
    private static final int TOLERATED_SECONDS = 300;
    private static final Map<String, Integer> SYSTEM_PRIORITIES = Map.of("system-cluster-critical", 2_000_000_000, "system-node-critical", 2_000_001_000);

    private final JsonObject pod;
    private final JsonObject spec;
    private final AdmissionContext context;

    PodAdmission(JsonObject pod, AdmissionContext context) {
        this.pod = pod;
        this.spec = Tree.make(pod, "spec");
        this.context = context;
    }

    void admit() throws ApiException {
        if (!Tree.has(pod, "metadata", "annotations", MIRROR)) {
            serviceAccount();
        }
        priority();
        tolerations(spec);
        runtimeClass();
    }

    private void serviceAccount() throws ApiException {
        Tree.setDefault(spec, "serviceAccountName", "default");
        String name = Tree.text(spec, "serviceAccountName");
        spec.addProperty("serviceAccount", name);
        String namespace = Tree.text(pod, "metadata", "namespace");
        Optional<JsonObject> found = context.object("/serviceaccounts", namespace, name);
        if (found.isEmpty() && !name.equals("default")) { // the default one is made with its namespace, though maybe a moment later
            throw refused("error looking up service account " + namespace + "/" + name + ": serviceaccount \"" + name + "\" not found");
        }
        JsonObject account = found.orElseGet(JsonObject::new);
        boolean mount = Tree.has(spec, "automountServiceAccountToken") ? Tree.flag(spec, "automountServiceAccountToken")
                : !Tree.has(account, "automountServiceAccountToken") || Tree.flag(account, "automountServiceAccountToken");
        if (mount) {
            mountToken();
        }
        if (Tree.objects(spec, "imagePullSecrets").isEmpty() && !Tree.objects(account, "imagePullSecrets").isEmpty()) {
            spec.add("imagePullSecrets", account.get("imagePullSecrets").deepCopy());
        }
    }

    private void mountToken() {
        List<String> volumes = Tree.objects(spec, "volumes").stream().map(volume -> Tree.text(volume, "name")).toList();
        Optional<String> there = volumes.stream().filter(name -> name.startsWith(TOKEN_VOLUME)).findFirst();
        String volume = there.orElseGet(() -> {
            StringBuilder name = new StringBuilder(TOKEN_VOLUME);
            for (int i = 0; i < SUFFIX_LENGTH; i++) {
                name.append(SUFFIX_LETTERS.charAt(ThreadLocalRandom.current().nextInt(SUFFIX_LETTERS.length())));
            }
            return name.toString();
        });
        boolean needed = false;
        for (String list : List.of("initContainers", "containers")) {
            for (JsonObject container : Tree.objects(spec, list)) {
                if (Tree.objects(container, "volumeMounts").stream().noneMatch(mount -> Tree.text(mount, "mountPath").equals(TOKEN_PATH))) {
                    JsonObject mount = new JsonObject();
                    mount.addProperty("name", volume);
                    mount.addProperty("readOnly", true);
                    mount.addProperty("mountPath", TOKEN_PATH);
                    Tree.makeList(container, "volumeMounts").add(mount);
                    needed = true;
                }
            }
        }
        if (needed && there.isEmpty()) {
            Tree.makeList(spec, "volumes").add(JsonParser.parseString("{'name':'" + volume + "','projected':{'sources':["
                    + "{'serviceAccountToken':{'expirationSeconds':" + TOKEN_SECONDS + ",'path':'token'}},"
                    + "{'configMap':{'name':'kube-root-ca.crt','items':[{'key':'ca.crt','path':'ca.crt'}]}},"
                    + "{'downwardAPI':{'items':[{'path':'namespace','fieldRef':{'apiVersion':'v1','fieldPath':'metadata.namespace'}}]}}],"
                    + "'defaultMode':" + FILE_MODE + "}}"));
        }
    }

    private void priority() throws ApiException {
        String name = Tree.text(spec, "priorityClassName");
        Integer known = name.isEmpty() ? Integer.valueOf(0) : SYSTEM_PRIORITIES.get(name);
        if (known == null) {
            throw refused("no PriorityClass with name " + name + " was found");
        }
        if (Tree.has(spec, "priority") && Tree.number(spec, "priority") != known) {
            throw refused("the integer value of priority (" + Tree.number(spec, "priority") + ") must not be provided in pod spec; priority admission controller"
                    + " computed " + known + " from the given PriorityClass name");
        }
        spec.addProperty("priority", known);
        String preemption = Tree.text(spec, "preemptionPolicy");
        if (!preemption.isEmpty() && !preemption.equals("PreemptLowerPriority")) {
            throw refused("the string value of PreemptionPolicy (" + preemption + ") must not be provided in pod spec; priority admission controller computed"
                    + " PreemptLowerPriority from the given PriorityClass name");
        }
        spec.addProperty("preemptionPolicy", "PreemptLowerPriority");
    }

    /** Lets a pod stay for five minutes on a node that went away, unless it says otherwise. */
    static void tolerations(JsonObject spec) {
        for (String key : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            boolean tolerated = Tree.objects(spec, "tolerations").stream().anyMatch(t -> Set.of(key, "").contains(Tree.text(t, "key"))
                    && Set.of("NoExecute", "").contains(Tree.text(t, "effect")));
            if (!tolerated) {
                JsonObject toleration = new JsonObject();
                toleration.addProperty("key", key);
                toleration.addProperty("operator", "Exists");
                toleration.addProperty("effect", "NoExecute");
                toleration.addProperty("tolerationSeconds", TOLERATED_SECONDS);
                Tree.makeList(spec, "tolerations").add(toleration);
            }
        }
    }

    private void runtimeClass() throws ApiException {
        JsonObject runtime = new JsonObject();
        String name = Tree.text(spec, "runtimeClassName");
        if (!name.isEmpty()) {
            runtime = context.object("node.k8s.io/runtimeclasses", "", name)
                    .orElseThrow(() -> refused("pod rejected: RuntimeClass \"" + name + "\" not found"));
        }
        JsonObject overhead = Tree.object(spec, "overhead");
        JsonObject fixed = Tree.object(runtime, "overhead", "podFixed");
        if (Tree.has(runtime, "overhead")) {
            if (!overhead.isEmpty() && !sameAmounts(overhead, fixed)) {
                throw refused("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
            if (!fixed.isEmpty()) {
                spec.add("overhead", fixed.deepCopy());
            }
        } else if (!overhead.isEmpty()) {
            throw refused("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
        for (var label : Tree.object(runtime, "scheduling", "nodeSelector").entrySet()) {
            JsonObject selector = Tree.make(spec, "nodeSelector");
            if (selector.has(label.getKey()) && !selector.get(label.getKey()).equals(label.getValue())) {
                throw refused("conflict: runtimeClass.scheduling.nodeSelector[" + label.getKey() + "] = " + label.getValue().getAsString()
                        + "; pod.spec.nodeSelector[" + label.getKey() + "] = " + selector.get(label.getKey()).getAsString());
            }
            selector.add(label.getKey(), new JsonPrimitive(label.getValue().getAsString()));
        }
        JsonArray more = Tree.makeList(spec, "tolerations");
        for (JsonObject toleration : Tree.objects(runtime, "scheduling", "tolerations")) {
            if (!more.contains(toleration)) {
                more.add(toleration.deepCopy());
            }
        }
    }

    private static boolean sameAmounts(JsonObject one, JsonObject other) {
        return one.keySet().equals(other.keySet())
                && one.keySet().stream().allMatch(name -> Quantity.parse(Tree.text(one, name)).equals(Quantity.parse(Tree.text(other, name))));
    }

    private ApiException refused(String why) {
        return ApiException.forbidden("pods", Tree.text(pod, "metadata", "name"), why);
    }
}
