package io.kelp.edgehub.internal.link;

import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection and what keeps it honest: the queue of what leaves, its pace, keepalive messages,
 * pings and deadlines. Decodes what arrives and hands it on.
 *
 * <p>Safe for use by several threads. The owner is never called with a lock held.
 */
final class Session implements Connection.Listener {

    /** Who uses the session. Calls come from any thread of the pool; messages come one at a time. */
    interface Owner {
        /** @param characters length of the message on the wire */
        void received(Session session, Message message, int characters);

        /** Called once, whatever ended the session. */
        void ended(Session session, String reason);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int MALFORMED_LIMIT = 100;
    /** Characters of messages that go in one text, to a cloud that reads several from it. */
    private static final int MOST_JOINED = 32_768;

    private final LinkSettings settings;
    private final ScheduledExecutorService pool;
    private final Owner owner;
    private final Traffic traffic;
    private final Object lock = new Object();
    private final Outbox outbox; // from here on guarded by lock
    private Connection connection;
    private Future<?> ticker;
    private boolean sending;
    private int held; // how many want what they send to leave together
    private boolean joins; // the cloud reads several messages from one text
    private boolean waiting;
    private boolean ended;
    private String closing; // why, null while it is not
    private long sendingSince;
    private long lastKeepAlive;
    private long lastPing;
    private boolean pingOpen;
    private volatile long lastHeard;
    private volatile Peer peer;
    private int malformed; // only touched by the connection's serial calls

    Session(LinkSettings settings, ScheduledExecutorService pool, Owner owner, Traffic traffic) {
        this.settings = settings;
        this.pool = pool;
        this.owner = owner;
        this.traffic = traffic;
        this.outbox = new Outbox(settings.outboxMessages(), settings.outboxCharacters(),
                new TokenBucket(settings.stockRate(), settings.stockBurst(), System.nanoTime()));
    }

    /** The connection is open: says so to the cloud at once and begins to watch it. */
    void opened(Connection open) {
        long now = System.nanoTime();
        synchronized (lock) {
            if (ended) {
                open.abort();
                return;
            }
            connection = open;
            lastHeard = now;
            lastPing = now;
            keepAlive(now);
            ticker = pool.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        }
        open.start();
        pump();
    }

    /** Who is at the other end, {@code null} until that is known. */
    Peer peer() {
        return peer;
    }

    /** @param several whether the cloud reads several messages from one text; messages end with a line feed and have none inside */
    void joins(boolean several) {
        synchronized (lock) {
            joins = several;
        }
    }

    /** What is sent meanwhile leaves after it; see {@link io.kelp.edgehub.CloudLink#together}. */
    void together(Runnable sends) {
        synchronized (lock) {
            held++;
        }
        try {
            sends.run();
        } finally {
            synchronized (lock) {
                held--;
            }
            pump();
        }
    }

    /** Sends nothing by itself, so that it may be called with a lock held; {@link #wake} does. */
    void peer(Peer known) {
        peer = known;
        if (known == Peer.KELP) {
            synchronized (lock) {
                outbox.pace(new TokenBucket(settings.kelpRate(), settings.kelpBurst(), System.nanoTime()));
            }
        }
    }

    /** Sends what may be sent at the pace that is right now. */
    void wake() {
        pump();
    }

    /** Queues a message; false when the session is over or its queue is full. */
    boolean send(Message message, Outbox.Lane lane) {
        String text = MessageCodec.encode(message);
        synchronized (lock) {
            if (ended || closing != null || !outbox.offer(text, lane)) {
                return false;
            }
        }
        pump();
        return true;
    }

    /** Nanoseconds since anything came from the other end. */
    long silenceNanos() {
        return System.nanoTime() - lastHeard;
    }

    /** Sends what is queued, takes nothing new, then closes; at the latest after the drain time. */
    void drain(String reason) {
        synchronized (lock) {
            closing = reason;
        }
        schedule(() -> end(reason, true), settings.drainTime());
        pump();
    }

    /** Ends the session now. */
    void end(String reason, boolean politely) {
        Connection open;
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
            open = connection;
            if (ticker != null) {
                ticker.cancel(false);
            }
        }
        if (open != null && politely) {
            open.close();
        } else if (open != null) {
            open.abort();
        }
        owner.ended(this, reason);
    }

    @Override
    public void text(String text) {
        lastHeard = System.nanoTime();
        if (peer != Peer.KELP) {
            single(text);
            return;
        }
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0 && end + 1 < text.length(); end = text.indexOf('\n', from)) {
            single(text.substring(from, end + 1));
            from = end + 1;
        }
        single(from == 0 ? text : text.substring(from));
    }

    private void single(String text) {
        traffic.received(text.length());
        Message message;
        try {
            message = MessageCodec.decode(text);
        } catch (MalformedMessageException e) {
            refuse("it is " + e.getMessage());
            return;
        }
        owner.received(this, message, text.length());
    }

    @Override
    public void oversized(long characters) {
        lastHeard = System.nanoTime();
        refuse("it has " + characters + " characters, more than maxMessageCharacters allows");
    }

    private void refuse(String why) {
        traffic.malformed();
        malformed++;
        if (malformed == 1) {
            LOG.warn("Ignored a message of the cloud: {}", why);
        } else if (malformed >= MALFORMED_LIMIT) {
            end("the cloud sent " + malformed + " messages that cannot be read, the last because " + why, false);
        }
    }

    @Override
    public void pong() {
        lastHeard = System.nanoTime();
        synchronized (lock) {
            pingOpen = false;
        }
    }

    @Override
    public void closed(String reason) {
        end(reason, false);
    }

    private void tick() {
        long now = System.nanoTime();
        String dead = null;
        boolean ping = false;
        synchronized (lock) {
            if (ended) {
                return;
            }
            if (sending && now - sendingSince > settings.writeDeadline().toNanos()) {
                dead = "the network took no data for " + settings.writeDeadline().toSeconds() + " s";
            } else if (pingOpen && lastHeard - lastPing < 0 && now - lastPing > settings.pongDeadline().toNanos()) {
                dead = "the cloud did not answer a ping within " + settings.pongDeadline().toSeconds() + " s";
            } else {
                if (now - lastKeepAlive >= settings.keepAlive().minus(TICK.dividedBy(2)).toNanos()) {
                    keepAlive(now);
                }
                if (now - lastPing >= settings.ping().toNanos()) {
                    lastPing = now;
                    pingOpen = true;
                    ping = true;
                }
            }
        }
        if (dead != null) {
            end(dead, false);
            return;
        }
        if (ping) {
            connection.ping();
        }
        pump();
    }

    private void keepAlive(long now) {
        lastKeepAlive = now;
        outbox.offer(MessageCodec.encode(Wire.keepAlive()), Outbox.Lane.CONTROL);
    }

    /** Sends what may be sent now; returns when a message is on its way or nothing is left. */
    private void pump() {
        while (true) {
            String text;
            synchronized (lock) {
                if (sending || held > 0 || ended || connection == null) {
                    return;
                }
                Outbox.Next next = outbox.next(System.nanoTime());
                text = next.text();
                if (text == null) {
                    if (next.waitNanos() > 0 && !waiting) {
                        waiting = schedule(this::resume, Duration.ofNanos(next.waitNanos()));
                    } else if (next.waitNanos() == 0 && closing != null) {
                        String reason = closing;
                        schedule(() -> end(reason, true), Duration.ZERO);
                    }
                    return;
                }
                traffic.sent(text.length());
                text = joined(text);
                sending = true;
                sendingSince = System.nanoTime();
            }
            CompletableFuture<?> sent = connection.send(text).toCompletableFuture();
            if (!sent.isDone()) {
                sent.whenComplete((done, failure) -> {
                    written(failure);
                    schedule(this::pump, Duration.ZERO);
                });
                return;
            }
            written(failureOf(sent));
        }
    }

    /** The message and those that go with it in one text. */
    private String joined(String first) {
        if (!joins) {
            return first;
        }
        StringBuilder all = null;
        long now = System.nanoTime();
        for (int length = first.length();;) {
            String next = outbox.alsoNow(now, MOST_JOINED - length);
            if (next == null) {
                return all == null ? first : all.toString();
            }
            traffic.sent(next.length());
            if (all == null) {
                all = new StringBuilder(first);
            }
            all.append(next);
            length = all.length();
        }
    }

    private void resume() {
        synchronized (lock) {
            waiting = false;
        }
        pump();
    }

    private void written(Throwable failure) {
        synchronized (lock) {
            sending = false;
        }
        if (failure != null) {
            end("sending failed: " + Reasons.of(failure), false);
        }
    }

    private static Throwable failureOf(CompletableFuture<?> done) {
        try {
            done.join();
            return null;
        } catch (CompletionException e) {
            return e;
        }
    }

    private boolean schedule(Runnable task, Duration delay) {
        try {
            pool.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("The hub is stopping: {}", e.getMessage());
            return false;
        }
    }
}
