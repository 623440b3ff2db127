package io.kelp.cloud.cli;

import io.fabric8.kubernetes.client.Config;
import io.kelp.cloud.kube.KubeClient;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Option;

/** How to reach the API server. */
final class KubeOption {

    private static final long DEADLINE_SECONDS = 15;

    @Option(names = "--kubeconfig", paramLabel = "F",
            description = "Kubeconfig of the API server. Default: what kubectl would take, or the service account of the pod.")
    private File kubeconfig;

    /** A client of an API server that answers. */
    KubeClient connect() throws ServiceException {
        return connect(kubeconfig);
    }

    /** Whether a file was named. */
    boolean isGiven() {
        return kubeconfig != null;
    }

    /** @param kubeconfig may be {@code null}: what kubectl would take */
    static KubeClient connect(File kubeconfig) throws ServiceException {
        KubeClient client;
        try {
            client = KubeClient.connect(kubeconfig, KubeClient.Settings.defaults());
        } catch (IOException e) {
            throw new ServiceException(e.getMessage(), e);
        }
        try {
            client.get("/version").get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            return client;
        } catch (ExecutionException | TimeoutException e) {
            client.close();
            String reason = e instanceof TimeoutException ? "no answer within " + DEADLINE_SECONDS + " s" : e.getCause().getMessage();
            throw new ServiceException("The API server " + client.server() + " cannot be used: " + reason
                    + "; check that it runs, and " + (kubeconfig == null ? "give its kubeconfig with --kubeconfig" : kubeconfig) , e);
        } catch (InterruptedException e) {
            client.close();
            Thread.currentThread().interrupt();
            throw new ServiceException("Interrupted while connecting to " + client.server(), e);
        }
    }

    /** The CA of the API server as PEM; empty when the kubeconfig names none. */
    String certificateAuthority() {
        return certificateAuthority(kubeconfig);
    }

    private static String certificateAuthority(File kubeconfig) {
        return certificateAuthority(kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(kubeconfig));
    }

    static String certificateAuthority(Config config) {
        try {
            if (config.getCaCertData() != null) {
                return new String(Base64.getMimeDecoder().decode(config.getCaCertData()), StandardCharsets.UTF_8);
            }
            return config.getCaCertFile() == null ? "" : Files.readString(Path.of(config.getCaCertFile()));
        } catch (IOException | IllegalArgumentException e) {
            return ""; // the client would have failed on it; nobody but the metaserver of an edge asks for it
        }
    }
}
