package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiStore;
import java.util.List;

/** Goes through the selected objects of one state, reading page by page. For one thread at a time. */
final class Walk {

    private static final int PAGE = 200;

    private final ApiStore store;
    private final Selection selection;
    private final ListOptions options;
    private final Forms forms;
    private long revision;
    private ApiStore.Key after;
    private List<ApiStore.Item> page = List.of();
    private long behindPage;
    private int next;
    private long given;
    private ApiStore.Item item;
    private JsonObject object;

    Walk(ApiStore store, Selection selection, ListOptions options, Forms forms) {
        this.store = store;
        this.selection = selection;
        this.options = options;
        this.forms = forms;
        this.revision = options.revision();
        this.after = options.after();
    }

    /** Reads the first page, so that a state that is gone shows before anything is answered. */
    void prepare() throws ApiStore.CompactedException {
        if (namesOne() && revision == 0 && after == null) {
            revision = store.revision();
            page = store.get(selection.type().key(selection.namespace(), selection.fields().exactly("metadata.name"))).stream().toList();
            page.stream().mapToLong(ApiStore.Item::revision).forEach(r -> revision = Math.max(revision, r));
            return;
        }
        read();
    }

    private boolean namesOne() {
        return !selection.fields().exactly("metadata.name").isEmpty() && (!selection.type().namespaced() || !selection.namespace().isEmpty());
    }

    private void read() throws ApiStore.CompactedException {
        int size = options.limit() > 0 && selection.selectsAll() ? (int) Math.min(PAGE, options.limit() - given) : PAGE;
        ApiStore.Page read = store.list(selection.type().collection(), selection.namespace(), after, size, revision);
        revision = read.revision();
        page = read.items();
        behindPage = read.remaining();
        next = 0;
    }

    /** Goes to the next object. */
    boolean advance() throws ApiStore.CompactedException {
        while (options.limit() == 0 || given < options.limit()) {
            if (next == page.size()) {
                if (behindPage == 0) {
                    return false;
                }
                read();
                continue;
            }
            item = page.get(next++);
            after = item.key();
            object = null;
            if (selection.matches(item.key(), this::object)) {
                given++;
                return true;
            }
        }
        return false;
    }

    byte[] stored() {
        return item.value();
    }

    ApiStore.Key key() {
        return item.key();
    }

    JsonObject object() {
        if (object == null) {
            object = forms.read(selection.type(), item.value());
        }
        return object;
    }

    long revision() {
        return revision;
    }

    boolean limited() {
        return options.limit() > 0;
    }

    /** Of the list; complete once {@link #advance} has said no. */
    JsonObject metadata() {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", Long.toString(revision));
        if (selection.type().custom()) {
            metadata.addProperty("continue", ""); // as Kubernetes has it for them, also when there is nothing to continue
        }
        long remaining = behindPage + page.size() - next;
        if (limited() && remaining > 0) {
            metadata.addProperty("continue", ListOptions.token(revision, selection.namespace(), selection.type(), after));
            if (selection.selectsAll()) {
                metadata.addProperty("remainingItemCount", remaining);
            }
        }
        return metadata;
    }
}
