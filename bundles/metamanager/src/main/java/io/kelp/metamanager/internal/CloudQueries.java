package io.kelp.metamanager.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.metamanager.MetaException;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the cloud for objects that pods refer to (channel specification 6.3, 6.4 and 7.4). Answers are
 * judged: what a stock cloud says for "no such object" looks to a stock edge like an empty object.
 *
 * <p>A push of the same object that comes while the answer is on its way wins: it is younger.
 */
final class CloudQueries {

    private static final Logger LOG = LoggerFactory.getLogger(CloudQueries.class);

    /** A question under way; fields are touched on the table's executor only. */
    private static final class Flight {
        final CompletableFuture<Optional<MetaObject>> result = new CompletableFuture<>();
        CompletionStage<Void> pushed;
    }

    private final ObjectTable table;
    private final Supplier<Optional<CloudLink>> link;
    private final Duration deadline;
    private final Consumer<MetaObject> confirmed;
    private final Map<String, Flight> flights = new HashMap<>(); // touched on the table's executor only

    /** @param confirmed told of each object that came from the cloud because it was asked for */
    CloudQueries(ObjectTable table, Supplier<Optional<CloudLink>> link, Duration deadline, Consumer<MetaObject> confirmed) {
        this.table = table;
        this.link = link;
        this.deadline = deadline;
        this.confirmed = confirmed;
    }

    /** The copy when there is one, else what the cloud says; with {@code again} the cloud first, the copy when it cannot be asked. */
    CompletionStage<Optional<MetaObject>> fetch(String type, String namespace, String name, boolean again) {
        Optional<MetaObject> copy = table.get(type, namespace, name);
        if (copy.isPresent() && !again) {
            return CompletableFuture.completedFuture(copy);
        }
        return table.serially(() -> ask(type, namespace, name));
    }

    private CompletionStage<Optional<MetaObject>> ask(String type, String namespace, String name) {
        String key = ObjectTable.key(type, namespace, name);
        Flight under = flights.get(key);
        if (under != null) {
            return under.result;
        }
        Flight flight = new Flight();
        flights.put(key, flight);
        request("query", namespace + "/" + type + "/" + name, JsonNull.INSTANCE).whenComplete((answer, failure) ->
                table.serially(() -> {
                    flights.remove(key);
                    return settle(flight, type, namespace, name, answer, failure);
                }).whenComplete((object, trouble) -> {
                    if (trouble == null) {
                        flight.result.complete(object);
                    } else {
                        flight.result.completeExceptionally(trouble);
                    }
                }));
        return flight.result;
    }

    /** Sends a request; fails with {@link MetaException} when it cannot be sent or is not answered in time. */
    CompletionStage<Message> request(String operation, String resource, JsonElement content) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        Optional<CloudLink> now = link.get();
        if (now.isEmpty()) {
            answer.completeExceptionally(new MetaException(MetaException.UNAVAILABLE, "there is no link to the cloud"));
            return answer;
        }
        now.get().request(Message.create("edged", "meta", operation, resource, content), deadline).whenComplete((message, failure) -> {
            if (failure == null) {
                answer.complete(message);
            } else {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                answer.completeExceptionally(new MetaException(MetaException.UNAVAILABLE, cause.getMessage(), cause));
            }
        });
        return answer;
    }

    private CompletionStage<Optional<MetaObject>> settle(Flight flight, String type, String namespace, String name,
            Message answer, Throwable failure) {
        if (flight.pushed != null) {
            return flight.pushed.thenApply(done -> now(type, namespace, name));
        }
        Optional<MetaObject> copy = table.get(type, namespace, name);
        MetaException refusal = failure instanceof MetaException known ? known
                : failure != null ? new MetaException(MetaException.UNKNOWN, failure.toString(), failure)
                : refusal(answer, type, namespace, name);
        if (refusal == null) {
            JsonObject json = answer.contentAsJson().getAsJsonObject();
            return table.put(type, namespace, name, json).thenApply(done -> now(type, namespace, name));
        }
        if (refusal.reason().equals("NotFound")) {
            CompletionStage<Void> gone = copy.isPresent() ? table.remove(type, namespace, name) : CompletableFuture.completedFuture(null);
            return gone.thenApply(done -> Optional.empty());
        }
        if (copy.isPresent()) {
            LOG.debug("{} is taken from the copy: {}", copy.get(), refusal.getMessage());
            return CompletableFuture.completedFuture(copy);
        }
        return CompletableFuture.failedFuture(refusal);
    }

    private Optional<MetaObject> now(String type, String namespace, String name) {
        Optional<MetaObject> object = table.get(type, namespace, name);
        object.ifPresent(confirmed);
        return object;
    }

    /** A push about an object was handled; called on the table's executor. */
    void pushed(String type, String namespace, String name, CompletionStage<Void> done) {
        Flight flight = flights.get(ObjectTable.key(type, namespace, name));
        if (flight != null) {
            flight.pushed = done;
        }
    }

    /** Why an answer is not the object that was asked for, {@code null} when it is. */
    private static MetaException refusal(Message answer, String type, String namespace, String name) {
        MetaException refused = refusal(answer);
        if (refused != null) {
            return refused;
        }
        JsonObject json = answer.contentAsJson().getAsJsonObject();
        String kind = json.get("kind") != null && json.get("kind").isJsonPrimitive() ? json.get("kind").getAsString() : type;
        if (!MetaCodec.metadata(json, "name").equals(name) || !MetaCodec.metadata(json, "namespace").equals(namespace)
                || !kind.toLowerCase(Locale.ROOT).equals(type)) {
            return new MetaException(MetaException.UNKNOWN,
                    "the cloud answered with something else than " + type + " \"" + name + "\" of namespace " + namespace);
        }
        return null;
    }

    /** Why an answer is a refusal, {@code null} when it is an object. */
    static MetaException refusal(Message answer) {
        if (Operation.ERROR.equals(answer.operation())) {
            return new MetaException(MetaException.UNKNOWN, "the cloud refused: "
                    + (answer.content().isJsonPrimitive() ? answer.content().getAsString() : "it gave no reason"));
        }
        JsonElement content;
        try {
            content = answer.contentAsJson();
        } catch (com.google.gson.JsonParseException e) {
            return new MetaException(MetaException.UNKNOWN, "the cloud answered with a text that is no object", e);
        }
        if (!content.isJsonObject()) {
            return new MetaException(MetaException.UNKNOWN, "the cloud answered without an object");
        }
        JsonObject json = content.getAsJsonObject();
        JsonElement status = json.has("Err") && json.get("Err").isJsonObject() ? json.getAsJsonObject("Err").get("ErrStatus")
                : json.get("ErrStatus");
        if (status != null && status.isJsonObject()) {
            String reason = text(status.getAsJsonObject(), "reason");
            String message = text(status.getAsJsonObject(), "message");
            return new MetaException(reason.isEmpty() ? MetaException.UNKNOWN : reason,
                    message.isEmpty() ? "the cloud failed without a reason" : message);
        }
        return json.size() == 0 ? new MetaException(MetaException.UNKNOWN, "the cloud failed without a reason") : null;
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
