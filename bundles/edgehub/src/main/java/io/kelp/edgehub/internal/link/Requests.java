package io.kelp.edgehub.internal.link;

import io.kelp.edgehub.LinkException;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** The requests that wait for an answer, by the id of the request. Safe for use by several threads. */
final class Requests {

    private static final int MAX_OPEN = 1000;

    private record Open(Session session, CompletableFuture<Message> answer, Future<?> deadline) {}

    private final ScheduledExecutorService pool;
    private final BiConsumer<Session, Message> unanswered;
    private final Map<String, Open> open = new ConcurrentHashMap<>();

    /** @param unanswered told of a request that got no answer in time, and of its session */
    Requests(ScheduledExecutorService pool, BiConsumer<Session, Message> unanswered) {
        this.pool = pool;
        this.unanswered = unanswered;
    }

    CompletableFuture<Message> send(Session session, Message request, Duration timeout) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        if (open.size() >= MAX_OPEN) {
            answer.completeExceptionally(new LinkException(MAX_OPEN + " requests wait for answers already"));
            return answer;
        }
        Future<?> deadline = pool.schedule(() -> expired(request, timeout), timeout.toMillis(), TimeUnit.MILLISECONDS);
        open.put(request.id(), new Open(session, answer, deadline));
        if (!session.send(request, Outbox.Lane.NORMAL)) {
            fail(request.id(), "the link's queue is full");
        }
        return answer;
    }

    /** Gives an answer to whom it belongs; false when nobody waits for it. */
    boolean answered(Message answer) {
        Open request = open.remove(answer.parentId());
        if (request == null) {
            return false;
        }
        request.deadline.cancel(false);
        request.answer.complete(answer);
        return true;
    }

    /** Fails what was sent on a session that has ended. */
    void failAll(Session session, String reason) {
        List<String> ids = new ArrayList<>();
        open.forEach((id, request) -> {
            if (request.session == session) {
                ids.add(id);
            }
        });
        ids.forEach(id -> fail(id, "the link broke: " + reason));
    }

    private void expired(Message request, Duration timeout) {
        Open waiting = open.get(request.id());
        if (waiting != null && fail(request.id(), "the cloud did not answer " + request.operation() + " "
                + request.resource() + " within " + timeout.toSeconds() + " s")) {
            unanswered.accept(waiting.session, request);
        }
    }

    private boolean fail(String id, String reason) {
        Open request = open.remove(id);
        if (request == null) {
            return false;
        }
        request.deadline.cancel(false);
        request.answer.completeExceptionally(new LinkException(reason));
        return true;
    }
}
