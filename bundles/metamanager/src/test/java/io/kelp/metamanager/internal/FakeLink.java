package io.kelp.metamanager.internal;

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

/** A link whose answers the test gives when it likes. */
final class FakeLink implements CloudLink {

    final List<Message> asked = new ArrayList<>();
    final Map<String, CompletableFuture<Message>> open = new LinkedHashMap<>();
    boolean up = true;

    @Override
    public Status status() {
        return new Status(up ? State.CONNECTED : State.DISCONNECTED, Instant.EPOCH, up ? Peer.KUBEEDGE : null, "");
    }

    @Override
    public boolean send(Message message) {
        return up;
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        asked.add(message);
        if (!up) {
            return CompletableFuture.failedFuture(new LinkException("there is no link to the cloud"));
        }
        CompletableFuture<Message> answer = new CompletableFuture<>();
        open.put(message.resource(), answer);
        return answer;
    }

    /** Answers the last question about a resource. */
    void answer(String resource, Message answer) {
        open.remove(resource).complete(answer);
    }

    void silence(String resource) {
        open.remove(resource).completeExceptionally(new LinkException("the cloud did not answer within 20 s"));
    }
}
