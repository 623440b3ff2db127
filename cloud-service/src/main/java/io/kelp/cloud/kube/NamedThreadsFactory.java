package io.kelp.cloud.kube;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientImpl;
import java.net.http.HttpClient;
import java.util.concurrent.Executor;

/** Makes HTTP clients that use threads of ours instead of an unbounded pool without names. */
final class NamedThreadsFactory extends JdkHttpClientFactory {

    private final Executor executor;

    NamedThreadsFactory(Executor executor) {
        this.executor = executor;
    }

    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
        return HttpClient.newBuilder().executor(executor);
    }

    @Override
    protected void closeHttpClient(JdkHttpClientImpl client) {
        // The JDK's client ends with its last reference; the executor belongs to KubeClient.
    }
}
