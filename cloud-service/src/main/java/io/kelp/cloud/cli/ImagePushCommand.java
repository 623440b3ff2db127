package io.kelp.cloud.cli;

import io.kelp.oci.ImageBuild;
import io.kelp.oci.ImageException;
import io.kelp.oci.ImagePusher;
import io.kelp.oci.ImageReference;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.RegistrySettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelp-cloud image push}. */
@Command(name = "push", mixinStandardHelpOptions = true, sortOptions = false,
        synopsisHeading = "Usage: ", customSynopsis = "kelp-cloud image push [OPTIONS] JAR... REGISTRY/NAME:TAG",
        description = {"Makes an image with the jars in /bundles and pushes it; prints its name with the digest.",
            "The same jars make the same image: pushing again sends nothing."},
        footerHeading = "%nLogin:%n",
        footer = {"  --username with --password-stdin, else what \"docker login\" wrote into ~/.docker/config.json (DOCKER_CONFIG).",
            "Proxies: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as curl reads them."})
final class ImagePushCommand implements Callable<Integer> {

    @Parameters(arity = "2..*", hideParamSyntax = true, paramLabel = "JAR... NAME", description = "One or more jars, then the image, for example registry.example.com/team/app:1.")
    private List<String> arguments;

    @Mixin
    private ImageOptions options = new ImageOptions();

    @Option(names = "--plain-http", description = "Speaks to the registry without TLS.")
    private boolean plainHttp;

    @Option(names = "--ca", paramLabel = "FILE", description = "PEM file with authorities to be trusted besides the machine's.")
    private Path authorities;

    @Option(names = "--username", paramLabel = "NAME", description = "Who pushes.")
    private String username;

    @Option(names = "--password-stdin", description = "Reads the password from the first line of standard input.")
    private boolean passwordStdin;

    @Option(names = "--mount-from", paramLabel = "REPOSITORY", defaultValue = "",
            description = "Repository of the same registry that may have the content already; then nothing is sent.")
    private String mountFrom;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ImageException, IOException, InterruptedException {
        CommandLine command = spec.commandLine();
        if ((username == null) == passwordStdin) {
            throw new CommandLine.ParameterException(command, "--username and --password-stdin go together");
        }
        ImageReference target = ImageOptions.reference(arguments.get(arguments.size() - 1), command);
        ImageBuild build = options.build(arguments.subList(0, arguments.size() - 1), command);
        RegistrySettings settings;
        try {
            settings = RegistrySettings.defaults().withPlainHttp(plainHttp ? Set.of(target.registry()) : Set.of())
                    .withAuthorities(authorities).withProxyOf(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command, e.getMessage(), e);
        }
        PrintWriter err = command.getErr();
        String exact = new ImagePusher(settings).push(build, target, credentials(target), mountFrom, sentence -> {
            err.println(sentence);
            err.flush();
        });
        command.getOut().println(target + exact.substring(exact.indexOf('@')));
        command.getOut().flush();
        return CommandLine.ExitCode.OK;
    }

    private List<RegistryCredentials> credentials(ImageReference target) throws IOException {
        if (username == null) {
            return DockerConfig.read(DockerConfig.file(System.getenv()));
        }
        String password = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (password == null || password.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "There is no password at standard input");
        }
        return List.of(new RegistryCredentials(target.registry(), username, password, ""));
    }
}
