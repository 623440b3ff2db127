package io.kelp.edged.internal.manifest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.pod.Pod;

/** What the API server adds to the spec of a pod that does not say it ({@code pkg/apis/core/v1/defaults.go}). */
final class PodDefaults {

    private static final int FILE_MODE = 0644;

    private PodDefaults() {}

    static void fill(JsonObject spec) {
        text(spec, "restartPolicy", "Always");
        text(spec, "dnsPolicy", "ClusterFirst");
        text(spec, "schedulerName", "default-scheduler");
        number(spec, "terminationGracePeriodSeconds", 30);
        value(spec, "enableServiceLinks", new JsonPrimitive(true));
        value(spec, "securityContext", new JsonObject());
        boolean hostNetwork = "true".equals(Pod.text(spec, "hostNetwork"));
        Pod.objects(spec, "initContainers").forEach(container -> container(container, hostNetwork));
        Pod.objects(spec, "containers").forEach(container -> container(container, hostNetwork));
        Pod.objects(spec, "volumes").forEach(PodDefaults::volume);
    }

    private static void container(JsonObject container, boolean hostNetwork) {
        text(container, "imagePullPolicy", isLatest(Pod.text(container, "image")) ? "Always" : "IfNotPresent");
        text(container, "terminationMessagePath", "/dev/termination-log");
        text(container, "terminationMessagePolicy", "File");
        value(container, "resources", new JsonObject());
        for (JsonObject port : Pod.objects(container, "ports")) {
            text(port, "protocol", "TCP");
            if (hostNetwork && port.has("containerPort")) {
                value(port, "hostPort", port.get("containerPort"));
            }
        }
        for (JsonObject variable : Pod.objects(container, "env")) {
            if (Pod.object(variable, "valueFrom").get("fieldRef") instanceof JsonObject field) {
                text(field, "apiVersion", "v1");
            }
        }
        for (String kind : new String[] {"livenessProbe", "readinessProbe", "startupProbe"}) {
            if (container.get(kind) instanceof JsonObject probe) {
                probe(probe);
            }
        }
    }

    private static void probe(JsonObject probe) {
        number(probe, "timeoutSeconds", 1);
        number(probe, "periodSeconds", 10);
        number(probe, "successThreshold", 1);
        number(probe, "failureThreshold", 3);
        if (probe.get("httpGet") instanceof JsonObject get) {
            text(get, "path", "/");
            text(get, "scheme", "HTTP");
        }
    }

    private static void volume(JsonObject volume) {
        if (volume.size() == 1) {
            volume.add("emptyDir", new JsonObject());
        }
        if (volume.get("hostPath") instanceof JsonObject path) {
            value(path, "type", new JsonPrimitive(""));
        }
        for (String kind : new String[] {"projected", "downwardAPI"}) {
            if (volume.get(kind) instanceof JsonObject files) {
                number(files, "defaultMode", FILE_MODE);
            }
        }
    }

    private static boolean isLatest(String image) {
        if (image.indexOf('@') >= 0) {
            return false;
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        return last.indexOf(':') < 0 || last.endsWith(":latest");
    }

    private static void text(JsonObject object, String member, String value) {
        if (Pod.text(object, member).isEmpty()) {
            object.addProperty(member, value);
        }
    }

    private static void number(JsonObject object, String member, int number) {
        value(object, member, new JsonPrimitive(number));
    }

    private static void value(JsonObject object, String member, JsonElement value) {
        if (!object.has(member) || object.get(member).isJsonNull()) {
            object.add(member, value);
        }
    }
}
