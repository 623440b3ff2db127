package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.nio.charset.StandardCharsets;

/** The lines of a watch. */
final class EventForms {

    private static final byte[] END = "}\n".getBytes(StandardCharsets.US_ASCII);

    private record Form(ApiStore.Kind kind, boolean left, ResourceType type, Output.As as, Output.Include include, String metaVersion, boolean headers) {

        @Override
        public int hashCode() {
            // Types compare by all they have; telling them apart by name is enough for a hash.
            return 31 * type.apiVersion().hashCode() + type.plural().hashCode() + as.hashCode() + kind.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Form form && form.type == type && form.kind == kind && form.left == left && form.as == as && form.include == include
                    && form.metaVersion.equals(metaVersion) && form.headers == headers;
        }
    }

    private final Forms forms;

    EventForms(Forms forms) {
        this.forms = forms;
    }

    /** A synthetic event for what exists already. */
    byte[] added(ResourceType type, Output output, byte[] stored, boolean headers) {
        if (passes(type, output)) {
            return line("ADDED", stored);
        }
        return line("ADDED", shown(type, output, forms.read(type, stored), headers));
    }

    /** @return {@code null} when the selection is not concerned */
    byte[] event(History.Entry entry, Selection selection, Output output, boolean headers) {
        ApiStore.Change change = entry.change();
        if (!selection.covers(change.key())) {
            return null;
        }
        boolean deleted = change.kind() == ApiStore.Kind.DELETED;
        boolean is = !deleted && selection.matches(change.key(), () -> view(selection.type(), entry.value()));
        boolean was = change.before() != null && selection.matches(change.key(), () -> view(selection.type(), entry.before()));
        if (!is && !was) {
            return null;
        }
        ApiStore.Kind kind = is && was ? ApiStore.Kind.MODIFIED : is ? ApiStore.Kind.ADDED : ApiStore.Kind.DELETED;
        boolean left = kind == ApiStore.Kind.DELETED && !deleted;
        ResourceType type = selection.type();
        return entry.event(new Form(kind, left, type, output.as(), output.include(), output.metaVersion(), headers), () -> {
            if (!left && passes(type, output)) {
                return line(kind.name(), change.value());
            }
            JsonObject object = forms.read(type, left ? change.before() : change.value());
            if (left) {
                Meta.of(object).addProperty("resourceVersion", Long.toString(change.revision()));
            }
            return line(kind.name(), shown(type, output, object, headers));
        });
    }

    /** Selectors of custom resources look at the version that is asked for. */
    private JsonObject view(ResourceType type, JsonObject stored) {
        return type.custom() ? forms.read(type, Json.bytes(stored)) : stored;
    }

    byte[] bookmark(ResourceType type, Output output, long revision, boolean initialEnd) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", Long.toString(revision));
        if (initialEnd) {
            JsonObject annotations = new JsonObject();
            annotations.addProperty("k8s.io/initial-events-end", "true");
            metadata.add("annotations", annotations);
        }
        JsonObject object;
        if (output.as() == Output.As.OBJECT) {
            object = new JsonObject();
            object.addProperty("kind", type.kind());
            object.addProperty("apiVersion", type.apiVersion());
            object.add("metadata", metadata);
        } else {
            boolean table = output.as() == Output.As.TABLE;
            object = Presentation.head(output, table ? "Table" : "PartialObjectMetadata");
            object.add("metadata", metadata);
            if (table) {
                object.add("columnDefinitions", JsonNull.INSTANCE);
                object.add("rows", new JsonArray());
            }
        }
        return line("BOOKMARK", object);
    }

    static byte[] error(ApiException refusal) {
        return line("ERROR", refusal.toStatus());
    }

    private boolean passes(ResourceType type, Output output) {
        return output.as() == Output.As.OBJECT && forms.passesThrough(type);
    }

    private static JsonObject shown(ResourceType type, Output output, JsonObject object, boolean headers) {
        return output.as() == Output.As.TABLE ? Presentation.table(type, output, object, headers) : Presentation.single(type, output, object);
    }

    private static byte[] line(String type, JsonObject object) {
        return line(type, Json.bytes(object));
    }

    private static byte[] line(String type, byte[] object) {
        byte[] head = ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.US_ASCII);
        byte[] line = new byte[head.length + object.length + END.length];
        System.arraycopy(head, 0, line, 0, head.length);
        System.arraycopy(object, 0, line, head.length, object.length);
        System.arraycopy(END, 0, line, head.length + object.length, END.length);
        return line;
    }
}
