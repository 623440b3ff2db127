package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pods. */
final class PodRules extends BuiltInRules {

    PodRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public void setDefaults(JsonObject pod) {
        PodDefaults.set(pod);
        PodFeatures.drop(pod);
    }

    @Override
    public void prepareForCreate(JsonObject pod, AdmissionContext context) throws ApiException {
        new PodAdmission(pod, context).admit();
        JsonObject spec = pod.getAsJsonObject("spec");
        if (Tree.number(spec, "terminationGracePeriodSeconds") < 0) {
            spec.addProperty("terminationGracePeriodSeconds", 1);
        }
        JsonObject status = new JsonObject();
        status.addProperty("phase", "Pending");
        if (!Tree.objects(pod, "spec", "schedulingGates").isEmpty()) {
            JsonObject condition = new JsonObject();
            condition.addProperty("type", "PodScheduled");
            condition.addProperty("status", "False");
            condition.add("lastProbeTime", JsonNull.INSTANCE);
            condition.addProperty("lastTransitionTime", context.now());
            condition.addProperty("reason", "SchedulingGated");
            condition.addProperty("message", "Scheduling is blocked due to non-empty scheduling gates");
            Tree.makeList(status, "conditions").add(condition);
        }
        status.addProperty("qosClass", PodQuality.of(pod));
        pod.add("status", status);
    }

    @Override
    public void prepareForUpdate(JsonObject pod, JsonObject old, String subresource) {
        switch (subresource) {
            case "status" -> {
                keep(pod, old, "spec");
                keep(Tree.make(pod, "metadata"), Tree.object(old, "metadata"), "deletionTimestamp");
                keep(Tree.make(pod, "metadata"), Tree.object(old, "metadata"), "ownerReferences");
                JsonObject status = Tree.make(pod, "status");
                Tree.setDefault(status, "qosClass", Tree.text(old, "status", "qosClass"));
                if (Tree.number(status, "observedGeneration") == 0 && Tree.number(old, "status", "observedGeneration") != 0) {
                    status.add("observedGeneration", old.getAsJsonObject("status").get("observedGeneration"));
                }
            }
            case "binding", "eviction" -> { } // by the server itself
            default -> {
                keep(pod, old, "status");
                PodAdmission.tolerations(Tree.make(pod, "spec"));
            }
        }
    }

    @Override
    public List<FieldError> validate(JsonObject pod) {
        Problems problems = new Problems();
        PodChecks.check(problems, pod);
        if (!Tree.has(pod, "metadata", "resourceVersion")) { // not stored yet
            PodChecks.checkNew(problems, pod);
        }
        return problems.list();
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject pod, JsonObject old, String subresource) {
        Problems problems = new Problems();
        if (subresource.isEmpty()) {
            PodChecks.checkUpdate(problems, pod, old);
        } else if (subresource.equals("status")) {
            PodStatusChecks.check(problems, pod, old);
        }
        return problems.list();
    }

    /** Only for new pods: people rarely change pods by hand, programs often. */
    @Override
    public List<String> warnings(JsonObject pod, boolean created) {
        return created ? PodWarnings.of(pod) : List.of();
    }

    @Override
    public boolean countsGeneration() {
        return true;
    }

    @Override
    public long gracePeriodSeconds(JsonObject pod, Long requested) {
        String phase = Tree.text(pod, "status", "phase");
        if (Tree.text(pod, "spec", "nodeName").isEmpty() || phase.equals("Failed") || phase.equals("Succeeded")) {
            return 0;
        }
        long seconds = requested != null ? requested : Tree.number(pod, "spec", "terminationGracePeriodSeconds");
        return seconds < 0 ? 1 : seconds;
    }

    @Override
    public Map<String, String> selectableFields(JsonObject pod) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String name : List.of("nodeName", "restartPolicy", "schedulerName", "serviceAccountName")) {
            fields.put("spec." + name, Tree.text(pod, "spec", name));
        }
        fields.put("spec.hostNetwork", Boolean.toString(Tree.flag(pod, "spec", "hostNetwork")));
        List<JsonObject> addresses = Tree.objects(pod, "status", "podIPs");
        fields.put("status.phase", Tree.text(pod, "status", "phase"));
        fields.put("status.podIP", addresses.isEmpty() ? Tree.text(pod, "status", "podIP") : Tree.text(addresses.get(0), "ip"));
        fields.put("status.podIPs", "");
        fields.put("status.nominatedNodeName", Tree.text(pod, "status", "nominatedNodeName"));
        return fields;
    }
}
