package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes everything of a cluster that Kelp can move as YAML documents, in the order in which another cluster takes them: first
 * definitions and namespaces. Left out is what each cluster makes itself. Objects of custom kinds keep their {@code status}: where
 * it is a subresource, {@code kubectl apply} passes over it and {@link Import} writes it.
 */
public final class Export {

    private static final int PAGE = 250;
    private static final long DEADLINE_SECONDS = 60;
    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final List<String> BEFORE = List.of("/api/v1/namespaces", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "/apis/rbac.authorization.k8s.io/v1/roles",
            "/apis/rbac.authorization.k8s.io/v1/rolebindings", "/apis/scheduling.k8s.io/v1/priorityclasses",
            "/apis/node.k8s.io/v1/runtimeclasses", "/api/v1/serviceaccounts", "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/nodes");
    private static final String PODS = "/api/v1/pods";

    /** Where documents go. */
    @FunctionalInterface
    public interface Sink {
        void write(String document) throws IOException;
    }

    private final KubeApi api;
    private final Sink sink;
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    public Export(KubeApi api, Sink sink) {
        this.api = api;
        this.sink = sink;
    }

    /**
     * Writes all objects.
     *
     * @return how many of each kind
     * @throws IOException when the API or the sink fails; says what
     */
    public Map<String, Integer> run() throws IOException, InterruptedException {
        List<String> custom = new ArrayList<>();
        List<JsonObject> definitions = new ArrayList<>();
        each(DEFINITIONS, definition -> {
            definitions.add(definition);
            write(definition.deepCopy());
        });
        definitions.stream().map(Export::collection).filter(path -> !path.isEmpty()).forEach(custom::add);
        for (String path : BEFORE) {
            each(path, this::write);
        }
        for (String path : custom) {
            each(path, this::write);
        }
        each(PODS, this::write);
        return counts;
    }

    /** Where the objects of a definition are listed in the version they are stored in; empty when it is not served. */
    private static String collection(JsonObject definition) {
        JsonObject spec = Tree.object(definition, "spec");
        String version = "";
        for (JsonObject candidate : Tree.objects(spec, "versions")) {
            boolean served = Tree.text(candidate, "served").equals("true");
            if (served && (version.isEmpty() || Tree.text(candidate, "storage").equals("true"))) {
                version = Tree.text(candidate, "name");
            }
        }
        return version.isEmpty() ? ""
                : "/apis/" + Tree.text(spec, "group") + "/" + version + "/" + Tree.text(Tree.object(spec, "names"), "plural");
    }

    private void write(JsonObject object) throws IOException {
        if (ExportRules.isWanted(object)) {
            JsonObject cleaned = ExportRules.cleaned(object);
            counts.merge(Tree.text(cleaned, "kind"), 1, Integer::sum);
            sink.write("---\n" + YamlText.of(cleaned));
        }
    }

    private interface Each {
        void take(JsonObject object) throws IOException;
    }

    /** All objects of a collection, page by page; none when the cluster does not serve it. */
    private void each(String path, Each each) throws IOException, InterruptedException {
        String next = "";
        do {
            JsonObject page = page(path + "?limit=" + PAGE + (next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
            if (page == null) {
                return;
            }
            String listKind = Tree.text(page, "kind");
            for (JsonObject item : Tree.objects(page, "items")) {
                if (!item.has("kind") && listKind.endsWith("List")) { // items of built-in kinds do not carry it
                    item.addProperty("apiVersion", Tree.text(page, "apiVersion"));
                    item.addProperty("kind", listKind.substring(0, listKind.length() - "List".length()));
                }
                each.take(item);
            }
            next = Tree.meta(page, "continue");
        } while (!next.isEmpty());
    }

    private JsonObject page(String path) throws IOException, InterruptedException {
        CompletableFuture<JsonObject> answer = api.get(path);
        try {
            return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KubeException refused && refused.code() == 404) {
                return null;
            }
            throw new IOException("The API server did not give " + path + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("The API server did not give " + path + " within " + DEADLINE_SECONDS + " s", e);
        }
    }
}
