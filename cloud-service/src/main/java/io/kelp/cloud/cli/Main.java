package io.kelp.cloud.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kelp-cloud}. Exit codes: 0 done, 1 it did not work, 2 wrong usage. */
@Command(name = "kelp-cloud", mixinStandardHelpOptions = true, versionProvider = Version.class, synopsisSubcommandLabel = "COMMAND",
        description = "The cloud half of Kelp: bridges Kubernetes and gateways.",
        subcommands = {RunCommand.class, TokenCommand.class, ExportCommand.class, ImportCommand.class, BackupCommand.class, ImageCommand.class, VersionCommand.class, CommandLine.HelpCommand.class})
public final class Main implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((problem, command, parsed) -> {
            PrintWriter err = command.getErr();
            err.println("kelp-cloud: " + (problem.getMessage() == null ? problem.toString() : problem.getMessage()));
            return CommandLine.ExitCode.SOFTWARE;
        });
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Say what to do: run, token, export, import, backup, image or version.");
    }
}
