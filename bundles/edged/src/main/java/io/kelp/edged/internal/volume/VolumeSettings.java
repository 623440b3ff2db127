package io.kelp.edged.internal.volume;

import java.nio.file.Path;
import java.util.List;

/**
 * What volumes may do on this gateway.
 *
 * @param hostPathAllowed folders under which hostPath volumes may lie; empty for all. As in Kubernetes, who
 *     may create pods decides; a gateway's owner may decide otherwise. Pods run in the gateway's own process:
 *     this keeps from accidents and honest pods, not from hostile code
 * @param ownFolders the gateway's folders, of which none may be a hostPath
 */
public record VolumeSettings(List<Path> hostPathAllowed, List<Path> ownFolders) {

    public VolumeSettings {
        hostPathAllowed = List.copyOf(hostPathAllowed);
        ownFolders = List.copyOf(ownFolders);
    }

    /** Everything but the gateway's own folders. */
    public static VolumeSettings defaults() {
        return new VolumeSettings(List.of(), List.of());
    }
}
