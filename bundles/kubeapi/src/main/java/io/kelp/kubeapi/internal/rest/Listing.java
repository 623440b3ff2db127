package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;

/** Answers lists, part by part at the pace of the client. */
final class Listing {

    private static final String TOO_OLD = "The provided continue parameter is too old to display a consistent list result. You can start a new list"
            + " without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the"
            + " provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was"
            + " returned and now may show up in the list.";

    private static final int LONG_YAML = 256 << 10;

    private final ApiStore store;
    private final Forms forms;
    private final Executor executor;

    Listing(ApiStore store, Forms forms, Executor executor) {
        this.store = store;
        this.forms = forms;
        this.executor = executor;
    }

    void list(ResourceType type, Selection selection, ApiRequest request, Output output, ApiResponse response) throws ApiException {
        ListOptions options = ListOptions.of(request, type, selection.namespace(), store.revision());
        Walk walk = new Walk(store, selection, options, forms);
        try {
            walk.prepare();
            Output json = new Output(false, output.as(), output.metaVersion(), output.include(), false);
            if (output.yaml()) {
                JsonObject small = tree(walk, new ListText(type, json));
                if (small != null) {
                    Answers.send(response, 200, output, small, List.of());
                    return;
                }
                walk = new Walk(store, selection, options, forms);
                walk.prepare();
            }
            response.start(200, Answers.headers(output.contentType()));
            new ListStream(walk, new ListText(type, output.yaml() ? json : output),
                    forms.passesThrough(type) && output.as() == Output.As.OBJECT && !output.pretty(), response, executor).run();
        } catch (ApiStore.CompactedException e) {
            if (!options.continued()) {
                throw ApiException.expired("The resourceVersion for the provided list is too old.");
            }
            expired(options, selection, output, response);
        }
    }

    /**
     * YAML is for people: its lists are made in one piece, by the way of their JSON. Nobody reads a long one, and its tree
     * could take all memory: it is sent as the JSON that it is made from, which is YAML too (YAML 1.2, 1.3).
     *
     * @return {@code null} when it is long
     */
    private static JsonObject tree(Walk walk, ListText text) throws ApiStore.CompactedException {
        text.begin(null);
        while (walk.advance()) {
            text.add(walk.object());
            if (text.size() > LONG_YAML) {
                return null;
            }
        }
        text.end(walk.metadata());
        return JsonParser.parseString(new String(text.take(), StandardCharsets.UTF_8)).getAsJsonObject();
    }

    /** Offers to go on with what there is now. */
    private static void expired(ListOptions options, Selection selection, Output output, ApiResponse response) {
        JsonObject status = ApiException.expired(TOO_OLD).toStatus();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("continue", ListOptions.token(-1, selection.namespace(), selection.type(), options.after()));
        status.add("metadata", metadata);
        Answers.send(response, 410, output, status, List.of());
    }
}
