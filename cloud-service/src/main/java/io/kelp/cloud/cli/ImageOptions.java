package io.kelp.cloud.cli;

import io.kelp.oci.ImageBuild;
import io.kelp.oci.ImageReference;
import io.kelp.oci.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What an image is made of. */
final class ImageOptions {

    @Option(names = "--platform", paramLabel = "OS/ARCH", split = ",",
            description = "Platforms the image is offered for; several make an index. Jars run everywhere and gateways take an image "
                    + "of a single platform wherever they are, so this is for other tools. Default: linux/amd64.")
    private List<String> platforms = new ArrayList<>();

    @Option(names = "--entrypoint", paramLabel = "WORD", description = "Entry point of the image; can be repeated.")
    private List<String> entrypoint = new ArrayList<>();

    @Option(names = "--cmd", paramLabel = "WORD", description = "Argument of the entry point when the pod gives none; can be repeated.")
    private List<String> cmd = new ArrayList<>();

    @Option(names = "--env", paramLabel = "NAME=VALUE", description = "Environment variable; can be repeated.")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(names = "--label", paramLabel = "NAME=VALUE", description = "Label of the image; can be repeated.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--artifact", description = "Makes an OCI artifact, whose layers are the jars themselves, instead of an ordinary image.")
    private boolean artifact;

    ImageBuild build(List<String> jars, CommandLine command) {
        List<Path> files = new ArrayList<>();
        for (String jar : jars) {
            Path file = Path.of(jar);
            if (!Files.isRegularFile(file)) {
                throw new CommandLine.ParameterException(command, "There is no file " + jar + "; first the jars, then the image's name");
            }
            files.add(file);
        }
        try {
            return new ImageBuild(files, platforms.stream().map(Platform::parse).toList(), entrypoint, cmd, env, labels, artifact);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, e.getMessage(), e);
        }
    }

    static ImageReference reference(String text, CommandLine command) {
        try {
            return ImageReference.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, e.getMessage(), e);
        }
    }
}
