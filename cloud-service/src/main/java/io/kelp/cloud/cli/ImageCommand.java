package io.kelp.cloud.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kelp-cloud image}. */
@Command(name = "image", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
        description = "Makes images of jars that gateways run as pods, without a container engine.",
        subcommands = {ImagePushCommand.class, ImageSaveCommand.class, CommandLine.HelpCommand.class})
final class ImageCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Say what to do: push or save.");
    }
}
