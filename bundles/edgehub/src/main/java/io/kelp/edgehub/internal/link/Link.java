package io.kelp.edgehub.internal.link;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.LinkException;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one link to the cloud: dials, tells stock and Kelp clouds apart, routes, and replaces a
 * connection by a new one, for which it makes the new one first when the cloud is Kelp's.
 *
 * <p>Safe for use by several threads; its state changes under one lock, which is never held during
 * a call to a handler or to the network.
 */
public final class Link implements CloudLink, Session.Owner, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final Duration STABLE = Duration.ofSeconds(5);
    private static final Duration INVENTORY_DELAY = Duration.ofMillis(100);
    private static final int UNANSWERED_LIMIT = 2;
    private static final long MAX_RETRY_AFTER_MILLIS = TimeUnit.MINUTES.toMillis(10);

    private final LinkSettings settings;
    private final Connection.Dialer dialer;
    private final ScheduledExecutorService pool;
    private final Consumer<Instant> cloudTime;
    private final Traffic traffic = new Traffic();
    private final Requests requests;
    private final Router router;
    private final Backoff backoff;
    private final Object lock = new Object(); // guards what follows
    private Session current;
    private Session dialing;
    private Future<?> redial;
    private Duration redialWait; // what the cloud asked for, null when it did not
    private boolean stopped;
    private boolean inventoryPlanned;
    private int unanswered;
    private long connectedSince;
    private volatile Status status = new Status(State.DISCONNECTED, Instant.now(), null, "");

    /** @param cloudTime told what the authenticated cloud says the time is */
    public Link(LinkSettings settings, Connection.Dialer dialer, ScheduledExecutorService pool, Consumer<Instant> cloudTime) {
        this.settings = settings;
        this.dialer = dialer;
        this.pool = pool;
        this.cloudTime = cloudTime;
        this.requests = new Requests(pool, this::unanswered);
        this.router = new Router(pool, traffic, this::answer);
        this.backoff = new Backoff(settings.firstRedial(), settings.redialCap(), () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Begins to dial. Does not wait. */
    public void start() {
        redialAfter(Duration.ZERO);
    }

    /** Says goodbye and ends the link for good. Does not wait. */
    @Override
    public void close() {
        Session open;
        Session opening;
        synchronized (lock) {
            stopped = true;
            open = current;
            opening = dialing;
            if (redial != null) {
                redial.cancel(false);
            }
        }
        if (opening != null) {
            opening.end("the gateway stops", false);
        }
        if (open != null) {
            leave(open);
        }
    }

    /** Waits until the connection is closed after {@link #close}, at most the given time. */
    public void awaitEnd(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        synchronized (lock) {
            try {
                for (long left = most.toMillis(); current != null && left > 0;
                        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                    lock.wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public Traffic traffic() {
        return traffic;
    }

    public void add(CloudMessageHandler handler, int ranking) {
        router.add(handler, ranking);
        if (status.peer() == Peer.KELP) {
            planInventory();
        }
    }

    public void remove(CloudMessageHandler handler) {
        router.remove(handler);
    }

    /**
     * Replaces the connection, for example because there is a new certificate. Towards a Kelp cloud
     * the new one is ready before the old one is drained and closed; a stock cloud allows only one.
     */
    public void renew(Duration delay) {
        Session open;
        Session opening;
        synchronized (lock) {
            open = current;
            opening = dialing;
        }
        if (opening != null) {
            opening.end("begun before there was a reason for a new connection", false); // its successor follows by itself
        } else if (open != null && open.peer() == Peer.KELP) {
            redialAfter(delay);
        }
        if (open != null && open.peer() != Peer.KELP) {
            backoff.reset();
            open.drain("replaced by a new connection");
        }
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public boolean send(Message message) {
        Session open;
        synchronized (lock) {
            open = current;
        }
        return open != null && open.send(message, Outbox.Lane.NORMAL);
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        Session open;
        synchronized (lock) {
            open = current;
        }
        if (open == null) {
            String why = status.lastError();
            return CompletableFuture.failedFuture(new LinkException(
                    "there is no link to the cloud" + (why.isEmpty() ? "" : ": " + why)));
        }
        return requests.send(open, message, timeout);
    }

    @Override
    public void together(Runnable sends) {
        Session open;
        synchronized (lock) {
            open = current;
        }
        if (open == null) {
            sends.run();
        } else {
            open.together(sends);
        }
    }

    private void answer(Message answer) {
        Session open;
        synchronized (lock) {
            open = current;
        }
        if (open != null) {
            open.send(answer, Outbox.Lane.ACKNOWLEDGEMENT);
        }
    }

    private void redialAfter(Duration delay) {
        synchronized (lock) {
            if (stopped || dialing != null || redial != null && !redial.isDone()) {
                return;
            }
            redial = schedule(this::dial, delay);
        }
    }

    private void dial() {
        Session session = new Session(settings, pool, this, traffic);
        synchronized (lock) {
            if (stopped || dialing != null) {
                return;
            }
            dialing = session;
            redial = null;
            if (current == null) {
                status = new Status(State.CONNECTING,
                        status.state() == State.CONNECTING ? status.since() : Instant.now(), null, status.lastError());
            }
        }
        Future<?> deadline = schedule(() -> session.end("no connection within " + settings.dialDeadline().toSeconds() + " s", false),
                settings.dialDeadline());
        dialer.dial(session).whenComplete((connection, failure) -> {
            if (deadline != null) {
                deadline.cancel(false);
            }
            if (failure != null) {
                dialFailed(session, failure);
            } else {
                session.opened(connection);
                schedule(() -> established(session, Peer.KUBEEDGE), settings.helloWait());
            }
        });
    }

    private void dialFailed(Session session, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Duration retryAfter = cause instanceof Connection.RefusedException refused ? refused.retryAfter() : null;
        if (retryAfter != null) {
            synchronized (lock) {
                redialWait = retryAfter;
            }
        }
        session.end(Reasons.of(failure), false);
    }

    /** Called when the peer is known, or has said nothing so long that it must be a stock cloud. */
    private void established(Session session, Peer peer) {
        Session replaced;
        synchronized (lock) {
            if (stopped || session.peer() == peer || session != dialing && session != current
                    || session.peer() == Peer.KELP) {
                return;
            }
            session.peer(peer);
            if (dialing == session) {
                dialing = null;
            }
            replaced = current == session ? null : current;
            current = session;
            unanswered = 0;
            connectedSince = System.nanoTime();
            boolean stays = status.state() == State.CONNECTED; // the new connection was ready before the old one goes
            status = new Status(State.CONNECTED, stays ? status.since() : Instant.now(), peer, status.lastError());
        }
        session.wake();
        traffic.connected();
        LOG.info("Connected to the cloud ({})", peer == Peer.KELP ? "Kelp" : "KubeEdge");
        if (peer == Peer.KELP) {
            planInventory();
        }
        router.linkChanged(this::status);
        if (replaced != null) {
            leave(replaced);
        }
    }

    private void leave(Session session) {
        if (session.peer() == Peer.KELP) {
            session.send(Wire.goodbye(), Outbox.Lane.NORMAL);
        }
        session.drain(stopping() ? "the gateway stops" : "replaced by a new connection");
    }

    private boolean stopping() {
        synchronized (lock) {
            return stopped;
        }
    }

    @Override
    public void ended(Session session, String reason) {
        boolean lost;
        Duration delay;
        synchronized (lock) {
            lost = session == current;
            if (!lost && session != dialing) {
                requests.failAll(session, reason);
                return;
            }
            String before = status.lastError();
            if (lost) {
                current = null;
                lock.notifyAll();
                if (System.nanoTime() - connectedSince > STABLE.toNanos()) {
                    backoff.reset();
                }
            } else {
                dialing = null;
            }
            if (current == null) {
                State state = stopped ? State.DISCONNECTED : lost ? State.DISCONNECTED : State.CONNECTING;
                boolean same = state == status.state();
                status = new Status(state, same ? status.since() : Instant.now(), null, reason);
            }
            delay = redialWait == null ? backoff.next() : backoff.asked(redialWait);
            redialWait = null;
            if (lost || !reason.equals(before)) {
                LOG.info("{}: {}{}", lost ? "The link to the cloud ended" : "No link to the cloud", reason,
                        stopped ? "" : "; trying again until it works");
            }
        }
        requests.failAll(session, reason);
        if (lost) {
            router.linkChanged(this::status);
        }
        redialAfter(delay);
    }

    @Override
    public void received(Session session, Message message, int characters) {
        synchronized (lock) {
            unanswered = 0;
        }
        if (Wire.isKelp(message)) {
            kelp(session, message);
            return;
        }
        established(session, Peer.KUBEEDGE);
        if (Wire.isLibraryOperation(message)) {
            session.send(message.respond(new JsonPrimitive("ack")), Outbox.Lane.ACKNOWLEDGEMENT);
        } else if (message.isAnswer()) {
            cloudTime.accept(Instant.ofEpochMilli(message.header().timestampMillis())); // answers are fresh, pushes may be old
            boolean expected = requests.answered(message);
            if (Wire.isAcknowledgedAnswer(message)) {
                session.send(Wire.acknowledgement(message), Outbox.Lane.ACKNOWLEDGEMENT);
            } else if (!expected) {
                LOG.debug("Nobody waits for the answer about {}", message.resource());
            }
        } else {
            router.push(message, characters);
        }
    }

    private void kelp(Session session, Message message) {
        try {
            JsonObject content = MessageCodec.object(message);
            if (Wire.HELLO.equals(message.operation())) {
                if (content.has("timeMillis")) {
                    cloudTime.accept(Instant.ofEpochMilli(content.get("timeMillis").getAsLong()));
                }
                session.joins(content.has(Wire.LINES) && content.get(Wire.LINES).getAsBoolean());
                established(session, Peer.KELP);
            } else if (Wire.RECONNECT.equals(message.operation())) {
                long wait = content.has("retryAfterMillis") ? content.get("retryAfterMillis").getAsLong() : 0;
                LOG.info("The cloud asks for a new connection in {} ms", wait);
                renew(Duration.ofMillis(Math.max(0, Math.min(wait, MAX_RETRY_AFTER_MILLIS))));
            }
        } catch (MalformedMessageException | IllegalStateException | NumberFormatException
                | UnsupportedOperationException e) { // the last three: a member of another type
            traffic.malformed();
            LOG.warn("Ignored {} of the cloud: {}", message.operation(), e.getMessage());
        }
    }

    private void unanswered(Session session, Message request) {
        if (!Wire.isAlwaysAnswered(request)) {
            return; // a stock cloud says nothing to values of a device that it does not know
        }
        synchronized (lock) {
            if (session != current || ++unanswered < UNANSWERED_LIMIT) {
                return;
            }
        }
        session.end("the cloud keeps the connection open but answers nothing; it has made no session for this node "
                + "(node limit reached, or the certificate was refused)", false);
    }

    private void planInventory() {
        synchronized (lock) {
            if (inventoryPlanned || stopped) {
                return;
            }
            inventoryPlanned = schedule(this::sendInventory, INVENTORY_DELAY) != null;
        }
    }

    private void sendInventory() {
        Session open;
        synchronized (lock) {
            inventoryPlanned = false;
            open = current;
        }
        if (open != null && open.peer() == Peer.KELP) {
            for (Message part : Wire.inventory(router.inventory())) {
                if (!open.send(part, Outbox.Lane.NORMAL)) {
                    planInventory();
                    return;
                }
            }
        }
    }

    private Future<?> schedule(Runnable task, Duration delay) {
        try {
            return pool.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The hub is stopping: {}", e.getMessage());
            return null;
        }
    }
}
