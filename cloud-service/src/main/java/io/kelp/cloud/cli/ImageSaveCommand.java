package io.kelp.cloud.cli;

import io.kelp.oci.ImageBuild;
import io.kelp.oci.ImageException;
import io.kelp.oci.ImagePusher;
import io.kelp.oci.ImageReference;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kelp-cloud image save}. */
@Command(name = "save", mixinStandardHelpOptions = true, sortOptions = false,
        synopsisHeading = "Usage: ", customSynopsis = "kelp-cloud image save [OPTIONS] JAR... NAME:TAG FILE",
        description = {"Makes an image with the jars in /bundles and writes it into a tar archive (OCI image layout), for gateways that",
            "reach no registry: copy it into their folder images/, or \"kelp image load FILE\"."})
final class ImageSaveCommand implements Callable<Integer> {

    @Parameters(arity = "3..*", hideParamSyntax = true, paramLabel = "JAR... NAME FILE", description = "One or more jars, then the image's name, then the archive to be written.")
    private List<String> arguments;

    @Mixin
    private ImageOptions options = new ImageOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ImageException {
        CommandLine command = spec.commandLine();
        int jars = arguments.size() - 2;
        ImageReference name = ImageOptions.reference(arguments.get(jars), command);
        if (!name.digest().isEmpty()) {
            throw new CommandLine.ParameterException(command, name + " has a digest, which only the content gives; name a tag");
        }
        ImageBuild build = options.build(arguments.subList(0, jars), command);
        String digest = ImagePusher.save(build, name, Path.of(arguments.get(jars + 1)).toAbsolutePath());
        command.getOut().println(name + "@" + digest);
        command.getOut().flush();
        return CommandLine.ExitCode.OK;
    }
}
