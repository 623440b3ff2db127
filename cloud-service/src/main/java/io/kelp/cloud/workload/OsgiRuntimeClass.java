package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the RuntimeClass {@code osgi} to the API server: it names the handler and puts pods that ask for it onto gateways
 * ({@code scheduling}, node.k8s.io/v1). One that is there already belongs to the operator and stays as it is.
 */
public final class OsgiRuntimeClass {

    static final String NAME = "osgi";
    static final String SELECTOR = "kelp.io/runtime-osgi";
    static final String TAINT = "kelp.io/no-container-engine";

    private static final Logger LOG = LoggerFactory.getLogger(OsgiRuntimeClass.class);
    private static final String PATH = "/apis/node.k8s.io/v1/runtimeclasses";
    private static final String REMEDY = "kubectl apply -f manifests/runtimeclass.yaml";

    private OsgiRuntimeClass() {}

    /** As it is made on a cluster that has none. */
    public static JsonObject object() {
        try (InputStream in = OsgiRuntimeClass.class.getResourceAsStream("runtimeclass.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes it when there is none. What is in the way, missing rights for example, becomes a line in the log: gateways and
     * devices work without it.
     *
     * @return completes always; what is there now, empty when that is not known
     */
    public static CompletableFuture<Optional<JsonObject>> install(KubeApi kube) {
        return kube.get(PATH + "/" + NAME).<CompletionStage<JsonObject>>handle((found, problem) -> {
            if (problem == null) {
                remark(found).ifPresent(LOG::warn);
                return CompletableFuture.completedFuture(found);
            }
            return isRefused(problem, 404) ? created(kube) : CompletableFuture.failedFuture(problem);
        }).thenCompose(stage -> stage).handle((object, problem) -> {
            if (problem != null) {
                LOG.warn("The RuntimeClass {} cannot be installed ({}); pods with runtimeClassName: {} are refused until it is there: {}",
                        NAME, cause(problem).getMessage(), NAME, REMEDY);
            }
            return Optional.ofNullable(object);
        });
    }

    private static CompletionStage<JsonObject> created(KubeApi kube) {
        return kube.create(PATH, object()).<CompletionStage<JsonObject>>handle((made, problem) -> {
            if (problem == null) {
                LOG.info("The RuntimeClass {} was installed.", NAME);
                return CompletableFuture.completedFuture(made);
            }
            return isRefused(problem, 409) ? kube.get(PATH + "/" + NAME) : CompletableFuture.failedFuture(problem); // another replica did it
        }).thenCompose(stage -> stage);
    }

    /** What an operator should know about the one that is there; empty when it does what ours does. */
    static Optional<String> remark(JsonObject found) {
        JsonObject ours = object();
        if (!ours.get("handler").equals(found.get("handler"))) {
            return Optional.of("The RuntimeClass " + NAME + " has handler " + found.get("handler") + ", which no gateway runs; delete it and "
                    + REMEDY);
        }
        JsonObject selector = Objects.object(found, "scheduling", "nodeSelector");
        if (!Objects.text(selector, SELECTOR).equals("true")) {
            return Optional.of("The RuntimeClass " + NAME + " is not ours and selects nodes by " + selector
                    + ", not by " + SELECTOR + "; it stays as it is. Unless its pods say where they belong, " + REMEDY);
        }
        return Optional.empty();
    }

    static boolean isRefused(Throwable problem, int code) {
        return cause(problem) instanceof KubeException refused && refused.code() == code;
    }

    static Throwable cause(Throwable problem) {
        return problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
    }
}
