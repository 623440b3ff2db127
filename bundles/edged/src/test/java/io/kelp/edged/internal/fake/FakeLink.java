package io.kelp.edged.internal.fake;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.LinkException;
import io.kelp.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A link that records what is sent and answers when the test says so. */
public final class FakeLink implements CloudLink {

    public final List<Message> sent = new ArrayList<>();
    /** Requests that wait for an answer. */
    public final Map<Message, CompletableFuture<Message>> open = new LinkedHashMap<>();
    /** Who is at the other end. */
    public Peer peer = Peer.KELP;
    private boolean up;

    public void up() {
        up = true;
    }

    /** The link breaks: what is open fails. */
    public void down() {
        up = false;
        List<CompletableFuture<Message>> failing = new ArrayList<>(open.values());
        open.clear();
        failing.forEach(f -> f.completeExceptionally(new LinkException("the link broke")));
    }

    @Override
    public Status status() {
        return new Status(up ? State.CONNECTED : State.DISCONNECTED, Instant.EPOCH, up ? peer : null, "");
    }

    @Override
    public boolean send(Message message) {
        if (up) {
            sent.add(message);
        }
        return up;
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        if (!up) {
            return CompletableFuture.failedFuture(new LinkException("there is no link"));
        }
        sent.add(message);
        CompletableFuture<Message> answer = new CompletableFuture<>();
        open.put(message, answer);
        return answer;
    }

    /** The oldest open request. */
    public Message oldest() {
        return open.keySet().iterator().next();
    }

    /** Answers the oldest open request that the cloud has accepted. */
    public void accept(JsonObject object) {
        JsonObject content = new JsonObject();
        content.add("Object", object);
        content.add("Err", JsonNull.INSTANCE);
        Message request = oldest();
        open.remove(request).complete(request.respond(content));
    }

    /** Refuses the oldest open request. */
    public void refuse(String reason, String text) {
        JsonObject content = new JsonObject();
        content.add("Object", JsonNull.INSTANCE);
        content.add("Err", JsonParser.parseString("{\"ErrStatus\":{\"metadata\":{},\"status\":\"Failure\",\"message\":\"" + text
                + "\",\"reason\":\"" + reason + "\"}}"));
        Message request = oldest();
        open.remove(request).complete(request.respond(content));
    }

    /** Answers the oldest open request with a text. */
    public void say(String text) {
        Message request = oldest();
        open.remove(request).complete(request.respond(new com.google.gson.JsonPrimitive(text)));
    }

    /** What was sent since the last call of this. */
    public List<Message> taken() {
        List<Message> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }
}
