package io.kelp.cloud.device;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the ConfigMaps {@code device-profile-config-<node>} as they should be: one write in flight
 * per ConfigMap, several changes in one write, none when nothing changed. All is done in the
 * executor.
 */
final class ProfileWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ProfileWriter.class);
    private static final String KEY = "deviceProfile.json";
    private static final String EMPTY = "{}";
    private static final int COLLECT_MILLIS = 30;
    private static final int RETRY_MILLIS = 2000;

    /** Which ConfigMap. */
    record Target(String node, String namespace) {

        String name() {
            return "device-profile-config-" + node;
        }

        String collection() {
            return "/api/v1/namespaces/" + namespace + "/configmaps";
        }

        String path() {
            return collection() + "/" + name();
        }
    }

    private static final class State {
        boolean scheduled;
        boolean writing;
        boolean again;
        String written;
    }

    private final KubeApi api;
    private final ScheduledExecutorService executor;
    private final BiFunction<String, String, String> textOf;
    private final Map<Target, State> states = new HashMap<>();

    /** @param textOf makes the text for node and namespace */
    ProfileWriter(KubeApi api, ScheduledExecutorService executor, BiFunction<String, String, String> textOf) {
        this.api = api;
        this.executor = executor;
        this.textOf = textOf;
    }

    /** Something that the ConfigMap shows has changed. May be called by any thread. */
    void changed(String node, String namespace) {
        executor.execute(() -> request(new Target(node, namespace), COLLECT_MILLIS));
    }

    private void request(Target target, int millis) {
        State state = states.computeIfAbsent(target, t -> new State());
        if (state.writing) {
            state.again = true;
        } else if (!state.scheduled) {
            state.scheduled = true;
            executor.schedule(() -> write(target, state), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void write(Target target, State state) {
        state.scheduled = false;
        String text = textOf.apply(target.node(), target.namespace());
        if (text.equals(state.written)) {
            return;
        }
        state.writing = true;
        put(target, text).whenCompleteAsync((done, problem) -> {
            state.writing = false;
            if (problem == null) {
                state.written = text;
                if (text.equals(EMPTY) && !state.again) {
                    states.remove(target);
                }
            } else {
                LOG.warn("ConfigMap {}/{} cannot be written ({}); it is tried again.", target.namespace(), target.name(),
                        problem.getMessage());
            }
            if (problem != null || state.again) {
                state.again = false;
                request(target, problem == null ? COLLECT_MILLIS : RETRY_MILLIS);
            }
        }, executor);
    }

    private CompletionStage<?> put(Target target, String text) {
        if (text.equals(EMPTY)) {
            return api.delete(target.path(), null).handle((gone, problem) -> unless(problem, 404, gone));
        }
        JsonObject data = new JsonObject();
        data.addProperty(KEY, text);
        JsonObject map = new JsonObject();
        map.add("data", data);
        return api.patch(target.path(), KubeApi.PatchType.MERGE, map.toString()).<CompletionStage<?>>handle((done, problem) ->
                refusedWith(problem, 404) ? create(target, map) : stage(problem)).thenCompose(stage -> stage);
    }

    private CompletionStage<?> create(Target target, JsonObject map) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", target.name());
        JsonObject object = map.deepCopy();
        object.addProperty("apiVersion", "v1");
        object.addProperty("kind", "ConfigMap");
        object.add("metadata", metadata);
        return api.create(target.collection(), object);
    }

    private static <T> T unless(Throwable problem, int code, T value) {
        if (problem != null && !refusedWith(problem, code)) {
            throw problem instanceof CompletionException known ? known : new CompletionException(problem);
        }
        return value;
    }

    private static CompletionStage<?> stage(Throwable problem) {
        return problem == null ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(problem);
    }

    private static boolean refusedWith(Throwable problem, int code) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused && refused.code() == code;
    }
}
