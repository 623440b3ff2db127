package io.kelp.edged.internal.fake;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.pod.Pod;

/** Pods and statuses for tests. */
public final class Pods {

    private Pods() {}

    /** A pod as the API server has it just after it was made. */
    public static JsonObject json(String name, String uid, int version) {
        return JsonParser.parseString("{'kind':'Pod','apiVersion':'v1','metadata':{'name':'" + name + "','namespace':'default','uid':'" + uid
                + "','resourceVersion':'" + version + "'},'spec':{'nodeName':'edge-t','containers':[{'name':'app','image':'x:1'}]},"
                + "'status':{'phase':'Pending','qosClass':'BestEffort'}}").getAsJsonObject();
    }

    public static Pod pod(String name, String uid) {
        return new Pod("default", name, uid, "1", json(name, uid, 1));
    }

    /** A status with one condition. */
    public static JsonObject status(String phase, boolean ready, String time) {
        JsonObject condition = new JsonObject();
        condition.addProperty("type", "Ready");
        condition.addProperty("status", ready ? "True" : "False");
        condition.addProperty("lastTransitionTime", time);
        JsonArray conditions = new JsonArray();
        conditions.add(condition);
        JsonObject status = new JsonObject();
        status.addProperty("phase", phase);
        status.add("conditions", conditions);
        return status;
    }

    /** The pod with another status and version. */
    public static JsonObject with(JsonObject pod, JsonObject status, int version) {
        JsonObject copy = pod.deepCopy();
        JsonObject merged = copy.getAsJsonObject("status");
        status.entrySet().forEach(e -> merged.add(e.getKey(), e.getValue()));
        copy.getAsJsonObject("metadata").addProperty("resourceVersion", Integer.toString(version));
        return copy;
    }
}
