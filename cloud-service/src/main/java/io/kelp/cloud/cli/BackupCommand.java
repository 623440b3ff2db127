package io.kelp.cloud.cli;

import io.kelp.cloud.standalone.Backup;
import io.kelp.cloud.standalone.StandaloneServer;
import io.kelp.kubeapi.ApiStore.StoreException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelp-cloud backup}. */
@Command(name = "backup", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Copies all objects of a standalone installation, at one moment and while it runs, into a new file.",
        footerHeading = "%nGoing back to a backup:%n",
        footer = {"  stop the service, copy FILE to DIR/api.db, start the service.",
            "  All clients then list anew; keys and kubeconfig stay as they are in DIR.",
            "FILE holds Secrets: only its owner can read it, keep it so."})
final class BackupCommand implements Callable<Integer> {

    private static final double MIB = 1 << 20;

    @Parameters(paramLabel = "FILE", description = "Name of the new file; one that exists is never replaced.")
    private Path target;

    @Option(names = "--data", paramLabel = "DIR",
            description = "Folder of the installation. Default: /var/lib/kelp-cloud for root, else ~/.local/share/kelp-cloud.")
    private Path data;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ServiceException {
        Path store = (data == null ? StandaloneServer.defaultData() : data).resolve("api.db");
        try {
            Backup.Result made = Backup.make(store, target);
            spec.commandLine().getOut().printf("%s: %d objects at revision %d, %.1f MiB%n", target, made.objects(), made.revision(),
                    made.bytes() / MIB);
            spec.commandLine().getOut().flush();
            return CommandLine.ExitCode.OK;
        } catch (StoreException e) {
            throw new ServiceException(e.getMessage(), e);
        }
    }
}
