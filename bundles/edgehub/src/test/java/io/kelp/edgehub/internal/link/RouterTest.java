package io.kelp.edgehub.internal.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.edgehub.CloudLink.State;
import io.kelp.edgehub.CloudLink.Status;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers that come and go while the cloud pushes and the link changes. */
class RouterTest {

    private static final int PUSHES = 400; // fewer than a lane holds

    private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(2);
    private final BlockingQueue<Message> answers = new LinkedBlockingQueue<>();
    private final Router router = new Router(pool, new Traffic(), answers::add);

    @AfterEach
    void stop() throws InterruptedException {
        pool.shutdownNow();
        assertTrue(pool.awaitTermination(5, TimeUnit.SECONDS));
    }

    @Test
    void everyPushFindsItsHandlerWhileOthersComeAndGo() throws Exception {
        router.add(new Handler(true), 0);
        AtomicBoolean over = new AtomicBoolean();
        Thread others = new Thread(() -> {
            while (!over.get()) {
                Handler other = new Handler(false);
                router.add(other, 1);
                router.remove(other);
            }
        });
        others.start();
        try {
            for (int i = 0; i < PUSHES; i++) {
                router.push(Message.ofObject("edgecontroller", "resource", "update", "default/configmap/m" + i, "1", new JsonObject()), 10);
                Message answer = answers.poll(5, TimeUnit.SECONDS);
                assertTrue(answer != null, "push " + i + " found nobody");
            }
        } finally {
            over.set(true);
            others.join(5_000);
        }
    }

    @Test
    void whatIsToldIsTheLinkAsItIsAndEachConnectionOnce() throws Exception {
        Handler early = new Handler(false);
        router.add(early, 0);
        Status first = connected(Peer.KUBEEDGE);
        router.linkChanged(() -> first);
        router.linkChanged(() -> first);
        Handler late = new Handler(false);
        router.add(late, 0);
        Status second = connected(Peer.KELP);
        router.linkChanged(() -> second);
        router.linkChanged(() -> new Status(State.DISCONNECTED, Instant.now(), null, "gone"));
        router.linkChanged(() -> new Status(State.CONNECTING, Instant.now(), null, "gone"));
        List<String> all = List.of("connected KUBEEDGE", "connected KELP", "disconnected");
        assertEquals(all, early.take(3));
        assertEquals(all, late.take(3));
        assertEquals(List.of(), List.copyOf(early.events));
    }

    private static Status connected(Peer peer) {
        return new Status(State.CONNECTED, Instant.now(), peer, "");
    }

    private static final class Handler implements CloudMessageHandler {

        private final boolean claims;
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        Handler(boolean claims) {
            this.claims = claims;
        }

        List<String> take(int number) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                taken.add(String.valueOf(events.poll(5, TimeUnit.SECONDS)));
            }
            return taken;
        }

        @Override
        public boolean claims(Message message) {
            return claims;
        }

        @Override
        public CompletionStage<Void> handle(Message message) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public List<StoredObject> inventory() {
            return List.of();
        }

        @Override
        public void connected(Peer peer) {
            events.add("connected " + peer);
        }

        @Override
        public void disconnected() {
            events.add("disconnected");
        }
    }
}
