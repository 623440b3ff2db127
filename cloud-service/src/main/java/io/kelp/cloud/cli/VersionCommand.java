package io.kelp.cloud.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kelp-cloud version}. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version.")
final class VersionCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println("kelp-cloud " + Version.text());
    }
}
