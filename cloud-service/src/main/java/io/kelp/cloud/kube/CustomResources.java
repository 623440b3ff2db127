package io.kelp.cloud.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the custom resource definitions that the cloud service works with to the API server. One
 * that is there already, be it of a stock KubeEdge of any release, is extended, never cut: see
 * {@link DefinitionUpgrade}.
 */
public final class CustomResources {

    /** Plurals of the definitions in the resources of this package. */
    private static final List<String> OURS =
            List.of("devices", "devicemodels", "devicestatuses", "devicemethodcalls", "objectsyncs", "clusterobjectsyncs");

    private static final Logger LOG = LoggerFactory.getLogger(CustomResources.class);
    private static final String PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final int CONFLICT_TRIES = 10;
    private static final int POLL_MILLIS = 100;

    private final KubeApi api;

    public CustomResources(KubeApi api) {
        this.api = api;
    }

    /**
     * Installs or extends all definitions and waits until the API server serves them.
     *
     * @return fails with {@link KubeException} when the server refuses, with {@link TimeoutException}
     *     when a definition is not served in time
     */
    public CompletableFuture<Void> install(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        return CompletableFuture.allOf(OURS.stream().map(plural -> install(definition(plural), end))
                .toArray(CompletableFuture[]::new));
    }

    /** The definition with this plural as it is installed on an empty cluster. */
    public static JsonObject definition(String plural) {
        try (InputStream in = CustomResources.class.getResourceAsStream("/io/kelp/cloud/crds/" + plural + ".json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<Void> install(JsonObject ours, long end) {
        String name = ours.getAsJsonObject("metadata").get("name").getAsString();
        return installed(ours, name, CONFLICT_TRIES).thenCompose(definition -> established(definition, name, end));
    }

    private CompletableFuture<JsonObject> installed(JsonObject ours, String name, int tries) {
        return api.get(PATH + "/" + name).<CompletionStage<JsonObject>>handle((existing, problem) -> {
            if (problem != null) {
                return refusedWith(problem, 404) ? created(ours, name, tries) : failed(problem);
            }
            return extended(existing, ours, name, tries);
        }).thenCompose(stage -> stage);
    }

    private CompletionStage<JsonObject> created(JsonObject ours, String name, int tries) {
        return api.create(PATH, ours).<CompletionStage<JsonObject>>handle((created, problem) -> {
            if (problem == null) {
                LOG.info("The custom resource definition {} was installed.", name);
                return CompletableFuture.completedFuture(created);
            }
            return refusedWith(problem, 409) && tries > 1 ? installed(ours, name, tries - 1) : failed(problem);
        }).thenCompose(stage -> stage);
    }

    private CompletionStage<JsonObject> extended(JsonObject existing, JsonObject ours, String name, int tries) {
        JsonObject wanted = DefinitionUpgrade.extend(existing, ours);
        if (wanted.equals(existing)) {
            return CompletableFuture.completedFuture(existing);
        }
        return api.update(PATH + "/" + name, wanted).<CompletionStage<JsonObject>>handle((updated, problem) -> {
            if (problem == null) {
                LOG.info("The custom resource definition {} was extended.", name);
                return CompletableFuture.completedFuture(updated);
            }
            return refusedWith(problem, 409) && tries > 1 ? installed(ours, name, tries - 1) : failed(problem);
        }).thenCompose(stage -> stage);
    }

    private CompletableFuture<Void> established(JsonObject definition, String name, long end) {
        if (isEstablished(definition)) {
            return CompletableFuture.completedFuture(null);
        }
        if (System.nanoTime() > end) {
            return CompletableFuture.failedFuture(new TimeoutException("The API server does not serve " + name
                    + " yet; look at its conditions with kubectl get crd " + name + " -o yaml."));
        }
        return CompletableFuture.runAsync(() -> { }, CompletableFuture.delayedExecutor(POLL_MILLIS, TimeUnit.MILLISECONDS))
                .thenCompose(nothing -> api.get(PATH + "/" + name))
                .thenCompose(now -> established(now, name, end));
    }

    /** A server that keeps no status of definitions at all, as simple ones do, serves them at once. */
    private static boolean isEstablished(JsonObject definition) {
        if (!definition.has("status")) {
            return true;
        }
        if (!(definition.get("status") instanceof JsonObject status)
                || !(status.get("conditions") instanceof JsonArray conditions)) {
            return false;
        }
        for (JsonElement element : conditions) {
            JsonObject condition = element.getAsJsonObject();
            if (condition.get("type").getAsString().equals("Established")) {
                return condition.get("status").getAsString().equals("True");
            }
        }
        return false;
    }

    private static boolean refusedWith(Throwable problem, int code) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused && refused.code() == code;
    }

    private static CompletableFuture<JsonObject> failed(Throwable problem) {
        return CompletableFuture.failedFuture(problem instanceof CompletionException && problem.getCause() != null
                ? problem.getCause() : problem);
    }
}
