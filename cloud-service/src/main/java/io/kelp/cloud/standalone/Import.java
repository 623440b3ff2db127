package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Brings the YAML documents of {@link Export} to a cluster, by server-side apply: doing it twice changes nothing more. After each
 * custom kind's definition it waits until that is served; a {@code status} is written where it is a subresource.
 */
public final class Import {

    private static final String MANAGER = "kelp-import";
    private static final long DEADLINE_SECONDS = 60;
    private static final long SERVED_SECONDS = 20;
    private static final int POLL_MILLIS = 200;
    private static final int MAX_CODE_POINTS = 512 << 20;
    private static final int MAX_ALIASES = 50;

    /** Told how it goes. */
    @FunctionalInterface
    public interface Progress {
        void line(String line);
    }

    /**
     * How it ended.
     *
     * @param counts objects applied, by kind
     * @param failures one sentence each
     */
    public record Result(Map<String, Integer> counts, List<String> failures) {}

    private record Kind(String plural, boolean namespaced, boolean statusPart) {}

    private final KubeApi api;
    private final Progress progress;
    private final Map<String, Kind> kinds = new HashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    public Import(KubeApi api, Progress progress) {
        this.api = api;
        this.progress = progress;
    }

    /**
     * Applies all documents; goes on after those that the cluster refuses.
     *
     * @throws IOException when the text is not YAML
     */
    public Result run(Reader yaml) throws IOException, InterruptedException {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(MAX_CODE_POINTS).setMaxAliasesForCollections(MAX_ALIASES).build();
        int number = 0;
        String kind = "";
        try {
            for (Iterator<Object> documents = new Load(settings).loadAllFromReader(yaml).iterator(); documents.hasNext();) {
                Object document = documents.next();
                number++;
                if (document == null) {
                    continue;
                }
                if (!(tree(document) instanceof JsonObject object)) {
                    failures.add("Document " + number + " is not an object");
                    continue;
                }
                if (!Tree.text(object, "kind").equals(kind)) {
                    tell(kind);
                    kind = Tree.text(object, "kind");
                }
                one(object, number);
            }
        } catch (YamlEngineException e) {
            throw new IOException("Document " + (number + 1) + " is not YAML: " + e.getMessage(), e);
        }
        tell(kind);
        return new Result(counts, failures);
    }

    private void tell(String kind) {
        if (counts.containsKey(kind)) {
            progress.line(kind + ": " + counts.get(kind) + " applied");
        }
    }

    private void one(JsonObject object, int number) throws InterruptedException {
        String what = Tree.text(object, "kind") + " " + (Tree.meta(object, "namespace").isEmpty() ? "" : Tree.meta(object, "namespace") + "/")
                + Tree.meta(object, "name") + " (document " + number + ")";
        try {
            apply(object);
            counts.merge(Tree.text(object, "kind"), 1, Integer::sum);
        } catch (ExecutionException e) {
            failures.add(what + ": " + e.getCause().getMessage());
        } catch (TimeoutException e) {
            failures.add(what + ": no answer within " + DEADLINE_SECONDS + " s");
        } catch (IOException e) {
            failures.add(what + ": " + e.getMessage());
        }
    }

    private void apply(JsonObject object) throws IOException, ExecutionException, TimeoutException, InterruptedException {
        String apiVersion = Tree.text(object, "apiVersion");
        if (apiVersion.isEmpty() || Tree.text(object, "kind").isEmpty() || Tree.meta(object, "name").isEmpty()) {
            throw new IOException("apiVersion, kind or metadata.name is missing");
        }
        Kind kind = kind(apiVersion, Tree.text(object, "kind"));
        String path = (apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion + (kind.namespaced ? "/namespaces/" + namespace(object) : "")
                + "/" + kind.plural + "/" + Tree.meta(object, "name");
        JsonObject status = kind.statusPart && object.get("status") instanceof JsonObject own ? own : null;
        if (status != null) {
            object.remove("status");
        }
        String query = "?fieldManager=" + MANAGER + "&force=true";
        answer(api.patch(path + query, KubeApi.PatchType.APPLY, object.toString()));
        if (status != null) {
            answer(api.patch(path + "/status?fieldManager=" + MANAGER, KubeApi.PatchType.MERGE, Actions.object("status", status).toString()));
        }
        if (Tree.text(object, "kind").equals("CustomResourceDefinition")) {
            awaitServed(object);
        }
    }

    private static String namespace(JsonObject object) {
        String namespace = Tree.meta(object, "namespace");
        return namespace.isEmpty() ? "default" : namespace;
    }

    private Kind kind(String apiVersion, String kind) throws IOException, ExecutionException, TimeoutException, InterruptedException {
        String key = apiVersion + "/" + kind;
        if (!kinds.containsKey(key)) {
            discover(apiVersion);
        }
        Kind found = kinds.get(key);
        if (found == null) {
            throw new IOException("the cluster does not serve " + kind + " of " + apiVersion);
        }
        return found;
    }

    private void discover(String apiVersion) throws ExecutionException, TimeoutException, InterruptedException {
        JsonObject list;
        try {
            list = answer(api.get((apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubeException refused && refused.code() == 404) {
                return;
            }
            throw e;
        }
        List<JsonObject> resources = Tree.objects(list, "resources");
        for (JsonObject resource : resources) {
            String plural = Tree.text(resource, "name");
            if (!plural.contains("/")) {
                boolean status = resources.stream().anyMatch(other -> Tree.text(other, "name").equals(plural + "/status"));
                kinds.put(apiVersion + "/" + Tree.text(resource, "kind"),
                        new Kind(plural, Tree.text(resource, "namespaced").equals("true"), status));
            }
        }
    }

    /** Until all versions of a definition can be found, or the patience ends: then its objects say so. */
    private void awaitServed(JsonObject definition) throws ExecutionException, TimeoutException, InterruptedException {
        JsonObject spec = Tree.object(definition, "spec");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SERVED_SECONDS);
        for (JsonObject version : Tree.objects(spec, "versions")) {
            String apiVersion = Tree.text(spec, "group") + "/" + Tree.text(version, "name");
            String key = apiVersion + "/" + Tree.text(Tree.object(spec, "names"), "kind");
            kinds.remove(key); // it may have changed
            while (Tree.text(version, "served").equals("true") && !kinds.containsKey(key) && System.nanoTime() < end) {
                discover(apiVersion);
                if (!kinds.containsKey(key)) {
                    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
                }
            }
        }
    }

    private static JsonObject answer(CompletableFuture<JsonObject> answer) throws ExecutionException, TimeoutException, InterruptedException {
        return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static com.google.gson.JsonElement tree(Object value) {
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((name, member) -> object.add(String.valueOf(name), tree(member)));
            return object;
        }
        if (value instanceof Iterable<?> list) {
            JsonArray array = new JsonArray();
            list.forEach(element -> array.add(tree(element)));
            return array;
        }
        if (value instanceof Number number) {
            return new JsonPrimitive(number);
        }
        if (value instanceof Boolean bool) {
            return new JsonPrimitive(bool);
        }
        return value == null ? JsonNull.INSTANCE : new JsonPrimitive(String.valueOf(value));
    }
}
