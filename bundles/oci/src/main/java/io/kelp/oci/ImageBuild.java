package io.kelp.oci;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An image to be made of jars. The same jars and settings make the same image, to the last bit, everywhere.
 *
 * @param jars files; their names, which must differ, are those in the image
 * @param platforms for which it is offered; one of several gets an index. Jars run everywhere, so this is for other
 *     tools' sake; empty for {@code linux/amd64} alone, which a gateway takes wherever it runs
 * @param entrypoint of the image's configuration
 * @param cmd of the image's configuration
 * @param env of the image's configuration
 * @param labels of the image's configuration
 * @param artifact whether the jars are the layers themselves (OCI artifact; no entry point, environment or labels) rather
 *     than files in {@code /bundles} of a layer
 */
public record ImageBuild(List<Path> jars, List<Platform> platforms, List<String> entrypoint, List<String> cmd, Map<String, String> env,
        Map<String, String> labels, boolean artifact) {

    public ImageBuild {
        jars = List.copyOf(jars);
        platforms = platforms.isEmpty() ? List.of(new Platform("linux", "amd64", "")) : List.copyOf(platforms);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(env));
        labels = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        if (jars.isEmpty()) {
            throw new IllegalArgumentException("an image needs at least one jar");
        }
        if (artifact && !(entrypoint.isEmpty() && cmd.isEmpty() && env.isEmpty() && labels.isEmpty() && platforms.size() == 1)) {
            throw new IllegalArgumentException("an artifact has no entry point, command, environment, labels or platforms");
        }
    }

    /** Just these jars. */
    public static ImageBuild of(List<Path> jars) {
        return new ImageBuild(jars, List.of(), List.of(), List.of(), Map.of(), Map.of(), false);
    }

    public ImageBuild asArtifact() {
        return new ImageBuild(jars, platforms, entrypoint, cmd, env, labels, true);
    }
}
