package io.kelp.edged.internal.volume;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.env.Expansion;
import io.kelp.edged.internal.pod.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Works out where the mounts of a container are on the gateway. */
final class Mounts {

    private static final int MAX_PATH = 4096;

    private final VolumeFolders folders;

    Mounts(VolumeFolders folders) {
        this.folders = folders;
    }

    List<Mount> of(PodVolumeSet set, JsonObject container, Map<String, String> env) throws WorkloadException {
        List<Mount> mounts = new ArrayList<>();
        for (JsonObject mount : Pod.objects(container, "volumeMounts")) {
            String name = Pod.text(mount, "name");
            JsonObject volume = set.volumes().get(name);
            if (volume == null) {
                throw refused("the pod has no volume \"" + name + "\" that container " + Pod.text(container, "name") + " mounts");
            }
            if (Pod.text(mount, "mountPath").isEmpty()) {
                throw refused("a mount of volume \"" + name + "\" has no mountPath");
            }
            try {
                boolean hostPath = volume.has("hostPath");
                Path root = hostPath ? HostPaths.path(Pod.object(volume, "hostPath")) : set.folder(folders, volume);
                boolean written = PodVolumeSet.isWritten(volume);
                String subPath = subPath(mount, env);
                Path path = subPath.isEmpty() ? root : below(root, subPath, written);
                mounts.add(new Mount(Pod.text(mount, "mountPath"), path, written || Pod.text(mount, "readOnly").equals("true")));
            } catch (IllegalArgumentException e) {
                throw refused("volume \"" + name + "\": " + e.getMessage());
            } catch (IOException e) {
                throw refused("failed to prepare subPath for volumeMount \"" + name + "\" of container \"" + Pod.text(container, "name")
                        + "\": " + e);
            }
        }
        return mounts;
    }

    private static String subPath(JsonObject mount, Map<String, String> env) {
        String expression = Pod.text(mount, "subPathExpr");
        if (expression.isEmpty()) {
            return Pod.text(mount, "subPath");
        }
        if (Expansion.hasUnknown(expression, env)) {
            throw new IllegalArgumentException("subPathExpr \"" + expression + "\" names a variable that the container does not have");
        }
        return Expansion.expand(expression, env, MAX_PATH).orElseThrow(() -> new IllegalArgumentException("subPathExpr has more than "
                + MAX_PATH + " characters"));
    }

    /**
     * A part of a volume; made as a folder when it is not there, as kubelet does. In a volume whose files
     * the gateway writes the path goes through the links that an update exchanges.
     *
     * @throws IllegalArgumentException when it is no path inside of the volume
     */
    private static Path below(Path root, String subPath, boolean written) throws IOException {
        if (subPath.startsWith("/") || List.of(subPath.split("/")).contains("..")) {
            throw new IllegalArgumentException("subPath \"" + subPath + "\" must be a relative path without \"..\"");
        }
        Path path = root.resolve(subPath).normalize();
        Path real = root.toRealPath();
        Path existing = path;
        while (!Files.exists(existing) && !existing.equals(root)) {
            if (Files.isSymbolicLink(existing)) {
                throw new IllegalArgumentException("subPath \"" + subPath + "\" goes through a link that leads nowhere");
            }
            existing = existing.getParent();
        }
        if (!existing.toRealPath().startsWith(real)) {
            throw new IllegalArgumentException("subPath \"" + subPath + "\" leads out of the volume");
        }
        if (!Files.exists(path)) {
            Files.createDirectories(existing.toRealPath().resolve(existing.relativize(path)));
        }
        return written ? path : path.toRealPath();
    }

    private static WorkloadException refused(String message) {
        return new WorkloadException("CreateContainerConfigError", message);
    }
}
