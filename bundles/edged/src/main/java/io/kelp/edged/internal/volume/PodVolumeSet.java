package io.kelp.edged.internal.volume;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.env.Fetched;
import io.kelp.edged.internal.pod.Pod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The volumes of one pod that its containers mount. Immutable.
 *
 * @param pod whose volumes these are
 * @param volumes by name, in the pod's order
 */
record PodVolumeSet(Pod pod, Map<String, JsonObject> volumes) {

    private static final List<String> WRITTEN = List.of("configMap", "secret", "projected", "downwardAPI");

    static PodVolumeSet of(Pod pod) {
        Set<String> used = new HashSet<>();
        List<JsonObject> containers = new ArrayList<>(pod.initContainers());
        containers.addAll(pod.containers());
        for (JsonObject container : containers) {
            Pod.objects(container, "volumeMounts").forEach(mount -> used.add(Pod.text(mount, "name")));
            Pod.objects(container, "volumeDevices").forEach(device -> used.add(Pod.text(device, "name")));
        }
        Map<String, JsonObject> volumes = new LinkedHashMap<>();
        for (JsonObject volume : Pod.objects(pod.spec(), "volumes")) {
            if (used.contains(Pod.text(volume, "name"))) {
                volumes.put(Pod.text(volume, "name"), volume);
            }
        }
        return new PodVolumeSet(pod, volumes);
    }

    /** Member of the volume that says what it is, for example {@code configMap}; empty for none. */
    static String kind(JsonObject volume) {
        return volume.keySet().stream().filter(member -> !member.equals("name")).findFirst().orElse("");
    }

    /** Whether the gateway writes the files of such a volume. */
    static boolean isWritten(JsonObject volume) {
        return WRITTEN.contains(kind(volume));
    }

    /** Whether nothing of it may reach the disk. */
    static boolean isMemory(JsonObject volume) {
        return switch (kind(volume)) {
            case "secret", "projected", "downwardAPI" -> true;
            case "emptyDir" -> Pod.text(Pod.object(volume, "emptyDir"), "medium").equals("Memory");
            default -> false;
        };
    }

    /** Folder of a volume that is the pod's own. */
    Path folder(VolumeFolders folders, JsonObject volume) {
        String plugin = switch (kind(volume)) {
            case "emptyDir" -> "empty-dir";
            case "configMap" -> "configmap";
            case "downwardAPI" -> "downward-api";
            default -> kind(volume);
        };
        return folders.volume(pod.uid(), plugin, Pod.text(volume, "name"), isMemory(volume));
    }

    /** Whether a volume shows this ConfigMap or Secret. */
    boolean shows(String type, String namespace, String name) {
        return pod.namespace().equals(namespace)
                && volumes.values().stream().anyMatch(v -> isWritten(v) && PayloadSource.wanted(v).contains(new Fetched.Wanted(type, name)));
    }

    boolean hasToken() {
        return volumes.values().stream().anyMatch(PayloadSource::hasToken);
    }

    /** Whether a volume shows labels or annotations of the pod, all else of the downward API stays as it is. */
    boolean showsMetadata() {
        return volumes.values().stream().anyMatch(PayloadSource::showsMetadata);
    }

    List<JsonObject> emptyDirs() {
        return volumes.values().stream().filter(v -> v.has("emptyDir")).toList();
    }
}
