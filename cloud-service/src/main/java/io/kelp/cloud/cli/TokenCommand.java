package io.kelp.cloud.cli;

import io.kelp.cloud.pki.KeyMaterial;
import io.kelp.cloud.pki.PkiException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kelp-cloud token}. */
@Command(name = "token", mixinStandardHelpOptions = true,
        description = "Prints the token with which gateways join. It is renewed every 12 hours and valid for 24.")
final class TokenCommand implements Callable<Integer> {

    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ServiceException, PkiException {
        try (ClusterOption.Cluster connected = cluster.connect(spec, false)) {
            spec.commandLine().getOut().println(KeyMaterial.storedToken(connected.client(), Clock.systemUTC()));
            spec.commandLine().getOut().flush();
            return CommandLine.ExitCode.OK;
        }
    }
}
