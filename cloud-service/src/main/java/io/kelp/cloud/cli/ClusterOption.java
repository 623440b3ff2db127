package io.kelp.cloud.cli;

import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.standalone.StandaloneServer;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Which cluster a command is about: the one of a kubeconfig, or a standalone installation by its data folder, running or not. */
final class ClusterOption {

    /** A cluster that answers, as long as this is open. */
    record Cluster(KubeClient client, StandaloneServer opened) implements AutoCloseable {
        @Override
        public void close() {
            client.close();
            if (opened != null) {
                opened.close();
            }
        }
    }

    @Option(names = "--kubeconfig", paramLabel = "F",
            description = "Kubeconfig of the API server. Default: what kubectl would take, or the service account of the pod.")
    private File kubeconfig;

    @Option(names = "--data", paramLabel = "DIR", description = {
        "Data folder of \"kelp-cloud run --standalone\", in place of --kubeconfig.",
        "Goes through its API when it runs, else into the folder itself."})
    private Path data;

    /**
     * @param fresh whether a folder that holds nothing yet will do
     * @throws ServiceException when there is no cluster, or it does not answer
     */
    Cluster connect(CommandLine.Model.CommandSpec spec, boolean fresh) throws ServiceException {
        if (data == null) {
            return new Cluster(KubeOption.connect(kubeconfig), null);
        }
        if (kubeconfig != null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--data and --kubeconfig exclude each other: both name a cluster.");
        }
        if (!fresh && !StandaloneServer.exists(data)) {
            throw new ServiceException(data + " holds no api.db: it is not the folder of a standalone installation;"
                    + " name the one that \"kelp-cloud run --standalone --data\" has, or give --kubeconfig", null);
        }
        try {
            Optional<String> owner = StandaloneServer.owner(data);
            return owner.isPresent() ? running(owner.get()) : stopped();
        } catch (StandaloneServer.StartException e) {
            throw new ServiceException(e.getMessage(), e);
        }
    }

    private Cluster running(String process) throws ServiceException {
        try {
            return new Cluster(KubeOption.connect(StandaloneServer.kubeconfig(data).toFile()), null);
        } catch (ServiceException e) {
            throw new ServiceException("Process " + process + " has " + data.resolve("api.db") + " and does not answer: " + e.getMessage()
                    + "; wait until it has started, or stop it (kill " + process + ") and try again", e);
        }
    }

    private Cluster stopped() throws StandaloneServer.StartException {
        StandaloneServer opened = StandaloneServer.openStopped(data);
        return new Cluster(new KubeClient(opened.ownClient(), KubeClient.Settings.defaults()), opened);
    }
}
