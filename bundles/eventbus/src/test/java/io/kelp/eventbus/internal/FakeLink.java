package io.kelp.eventbus.internal;

import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/** A link that a test connects and fills. */
final class FakeLink implements CloudLink {

    final BlockingQueue<Message> sent = new LinkedBlockingQueue<>();
    volatile boolean connected = true;
    volatile boolean full;

    @Override
    public Status status() {
        return new Status(connected ? State.CONNECTED : State.DISCONNECTED, Instant.EPOCH, connected ? Peer.KELP : null, "");
    }

    @Override
    public boolean send(Message message) {
        return connected && !full && sent.add(message);
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("the event bus asks nothing"));
    }
}
