package io.kelp.cloud.cli;

import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.standalone.StandaloneServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Which cluster a command is about: the one of a kubeconfig, or a standalone installation by its data folder. */
final class ClusterOption {

    @Option(names = "--kubeconfig", paramLabel = "F",
            description = "Kubeconfig of the API server. Default: what kubectl would take, or the service account of the pod.")
    private File kubeconfig;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder of a running \"kelp-cloud run --standalone\", in place of --kubeconfig.")
    private Path data;

    /** A client of an API server that answers. */
    KubeClient connect(CommandLine.Model.CommandSpec spec) throws ServiceException {
        if (data == null) {
            return KubeOption.connect(kubeconfig);
        }
        if (kubeconfig != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--data and --kubeconfig exclude each other: both name a cluster.");
        }
        Path own = StandaloneServer.kubeconfig(data);
        if (!Files.exists(own)) {
            throw new ServiceException(own + " is missing: " + data + " is not the folder of a standalone installation;"
                    + " name the one that \"kelp-cloud run --standalone --data\" has, or give --kubeconfig", null);
        }
        return KubeOption.connect(own.toFile());
    }
}
