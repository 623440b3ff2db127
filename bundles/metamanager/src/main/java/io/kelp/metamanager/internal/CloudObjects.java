package io.kelp.metamanager.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the objects that the cloud pushes (specification sections 5.6 and 6.1). Devices and their
 * models belong to another bundle.
 *
 * <p>The cloud is the authority: whatever it pushes replaces what is stored, also a lower
 * resourceVersion, for the API server may have been restored from a backup. Only what is stored
 * already is not stored again, and a deletion must name the uid that is stored.
 */
final class CloudObjects implements CloudMessageHandler {

    private static final Set<String> GROUPS = Set.of("resource", "func");
    private static final Set<String> OPERATIONS = Set.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
    private static final Set<String> OF_OTHERS = Set.of("device", "devicemodel", "devicestatus");
    private static final Logger LOG = LoggerFactory.getLogger(CloudObjects.class);

    private final ObjectTable table;
    private final CloudQueries queries;

    CloudObjects(ObjectTable table, CloudQueries queries) {
        this.table = table;
        this.queries = queries;
    }

    @Override
    public boolean claims(Message message) {
        if (message.isAnswer() || !GROUPS.contains(message.group()) || !OPERATIONS.contains(message.operation())) {
            return false;
        }
        Optional<ResourcePath> path = ResourcePath.parse(message.resource());
        return path.isPresent() && !path.get().name().isEmpty() && !OF_OTHERS.contains(path.get().type());
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        ResourcePath path = ResourcePath.parse(message.resource()).orElseThrow();
        return table.serially(() -> {
            CompletionStage<Void> done = Operation.DELETE.equals(message.operation()) ? delete(path, message) : store(path, message);
            queries.pushed(path.type(), path.namespace(), path.name(), done);
            return done;
        });
    }

    private CompletionStage<Void> store(ResourcePath path, Message message) {
        JsonObject json;
        try {
            json = MessageCodec.object(message);
        } catch (MalformedMessageException e) {
            return CompletableFuture.failedFuture(e);
        }
        String name = MetaCodec.metadata(json, "name");
        if (!name.isEmpty() && !name.equals(path.name())) {
            return CompletableFuture.failedFuture(new MalformedMessageException(
                    "object \"" + name + "\" came under the path " + path));
        }
        String key = ObjectTable.key(path.type(), path.namespace(), path.name());
        MetaObject before = table.latest(key).orElse(null);
        MetaObject now = MetaCodec.object(path.type(), path.namespace(), path.name(), json);
        if (before != null && !table.isUnderway(key) && !now.uid().isEmpty() && !now.resourceVersion().isEmpty()
                && before.uid().equals(now.uid()) && before.resourceVersion().equals(now.resourceVersion())) {
            return CompletableFuture.completedFuture(null);
        }
        return table.put(path.type(), path.namespace(), path.name(), withKind(json, before));
    }

    /** Objects that the stock cloud sends again after an outage may lack kind and apiVersion. */
    private static JsonObject withKind(JsonObject json, MetaObject before) {
        if (before == null || json.has("kind") && json.has("apiVersion")) {
            return json;
        }
        JsonObject whole = json.deepCopy();
        for (String member : List.of("kind", "apiVersion")) {
            JsonElement known = before.json().get(member);
            if (!whole.has(member) && known != null) {
                whole.add(member, known);
            }
        }
        return whole;
    }

    private CompletionStage<Void> delete(ResourcePath path, Message message) {
        String key = ObjectTable.key(path.type(), path.namespace(), path.name());
        Optional<MetaObject> before = table.latest(key);
        if (before.isEmpty()) {
            return table.isUnderway(key) ? table.remove(path.type(), path.namespace(), path.name()) : table.removeLocked(key);
        }
        String uid = "";
        if (message.content().isJsonObject()) {
            uid = MetaCodec.metadata(message.content().getAsJsonObject(), "uid");
        }
        if (!uid.isEmpty() && !before.get().uid().isEmpty() && !uid.equals(before.get().uid())) {
            LOG.debug("Deletion of {} with uid {} ignored: {} is stored", path, uid, before.get().uid());
            return CompletableFuture.completedFuture(null);
        }
        return table.remove(path.type(), path.namespace(), path.name());
    }

    @Override
    public List<StoredObject> inventory() {
        return table.all().stream()
                .filter(o -> !o.uid().isEmpty() && !"lease".equals(o.type()))
                .map(o -> new StoredObject(text(o.json(), "apiVersion"), o.type(), o.namespace(), o.name(), o.uid(), o.resourceVersion()))
                .toList();
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
