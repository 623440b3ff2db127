package io.kelp.cloud.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session of one gateway: its link, what it has and what is on the way to it.
 *
 * <p>Safe for use by several threads.
 */
final class Session implements NodeSession, GatewayLink.Owner {

    /** Group of what Kelp adds to the protocol. */
    static final String KELP = "kelp";

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int MAX_INVENTORY = 100_000;
    private static final double COMPLAINTS_PER_SECOND = 0.1;
    private static final int COMPLAINTS = 5;
    private static final int MAX_VALUES = 100_000;
    private static final int BYTES_PER_VALUE = 100;
    /** Why a gateway may not take over. */
    static final String TWICE = "it connects again and again while it is connected: two gateways may use the same certificate;"
            + " reset one of them and join it under a name of its own";

    private static final double TAKE_OVERS_PER_SECOND = 0.2;
    private static final double TAKE_OVERS = 6;
    private static final long PONG_NANOS = 5_000_000_000L;
    private static final long SETTLED_NANOS = 20_000_000_000L;
    private static final long TRUCE_NANOS = 60_000_000_000L;
    private static final long OWN_WORD_NANOS = 3_000_000_000L;
    private static final Duration WHOLE_MESSAGE = Duration.ofSeconds(30);

    private final String node;
    private final boolean kelp;
    private final Hub hub;
    private final HubSettings settings;
    private final GatewayLink link;
    private final Mailbox mailbox;
    private final Outbox outbox;
    private final Differences differences = new Differences();
    private final TokenBucket rate;
    private final Set<ObjectSource> greeted = ConcurrentHashMap.newKeySet(2);
    private final long openedNanos = System.nanoTime();
    private volatile long keepaliveNanos = openedNanos;
    private volatile long nextScanNanos = openedNanos;
    private volatile long drainUntilNanos;
    private volatile long heardNanos = openedNanos;
    private volatile long uncontestedNanos = openedNanos + OWN_WORD_NANOS; // until then our own word may be on its way to the Node
    private volatile Contest contest; // another replica counts the gateway as its own
    private volatile boolean draining;
    private volatile boolean ready;
    private volatile boolean open = true;
    private volatile boolean paused;
    private List<Held> inventory;
    private volatile LimitedLog complaints = new LimitedLog(LOG, COMPLAINTS_PER_SECOND, COMPLAINTS);
    private volatile TokenBucket takeOvers;
    private boolean tooFastReported;
    private volatile boolean dropping;
    private volatile boolean lines; // the gateway writes several messages in one text, so it reads them, too
    private final AtomicBoolean flushing = new AtomicBoolean();

    private record Contest(String replica, long sinceNanos) {}

    Session(String node, int kelpWindow, Hub hub, HubSettings settings, GatewayLink link) {
        this.node = node;
        this.kelp = kelpWindow > 0;
        this.hub = hub;
        this.settings = settings;
        this.link = link;
        this.mailbox = new Mailbox(hub.workers(), this::dispatch, this::readOn, settings.inboundBytes());
        this.outbox = new Outbox(kelp ? Math.min(kelpWindow, settings.window()) : 1, kelp ? 1 : settings.sends(),
                settings.ackTimeout().toNanos(), !kelp);
        this.rate = new TokenBucket(settings.messagesPerSecond(), 2.0 * settings.messagesPerSecond(), openedNanos);
        this.takeOvers = new TokenBucket(TAKE_OVERS_PER_SECOND, TAKE_OVERS, openedNanos);
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public boolean isKelp() {
        return kelp;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    Outbox outbox() {
        return outbox;
    }

    @Override
    public boolean send(Message message) {
        return send(message, false);
    }

    @Override
    public boolean sendSoon(Message message) {
        return send(message, true);
    }

    private boolean send(Message message, boolean patient) {
        if (!open) {
            return false;
        }
        String text = MessageCodec.encode(message);
        boolean queued = patient && lines ? link.queue(text) : link.send(text);
        if (queued && patient && lines && flushing.compareAndSet(false, true)) {
            hub.soon(() -> {
                flushing.set(false);
                link.flush();
            });
        }
        if (queued) {
            hub.metrics().sent();
            dropping = false;
        } else if (open) {
            hub.metrics().dropped();
            if (!dropping) {
                dropping = true;
                complain(link.queuedBytes() + " bytes wait to be written, messages are dropped from one about " + message.resource() + " on");
            }
        }
        return queued;
    }

    @Override
    public void complain(String text) {
        complaints.warn("Node " + node + ": " + text);
    }

    // ---- what comes from the gateway ----

    @Override
    public void opened() {
        hub.opened(this);
    }

    @Override
    public boolean received(String text, int bytes) {
        int values = values(text);
        if (values > MAX_VALUES) {
            // As objects in memory it would be many times as large as it is as text.
            close(GatewayLink.TOO_BIG, "a message has more than " + MAX_VALUES + " values");
            return false;
        }
        int end = kelp ? text.indexOf('\n') : -1;
        if (end < 0 || end + 1 == text.length()) {
            return received(text, bytes, values);
        }
        if (!lines) {
            lines = true;
            link.joins();
        }
        boolean more = true;
        for (int from = 0; from < text.length() && open; from = end + 1) {
            end = text.indexOf('\n', from);
            end = end < 0 ? text.length() - 1 : end;
            String line = text.substring(from, end + 1);
            more &= received(line, line.length(), values(line));
        }
        return more;
    }

    private boolean received(String text, int bytes, int values) {
        Message message;
        try {
            message = MessageCodec.decode(text);
        } catch (MalformedMessageException e) {
            if (text.strip().equals("{}")) {
                return true; // as empty as the farewell of a stock edge, which has no meaning either
            }
            hub.metrics().malformed();
            close(GatewayLink.BAD_DATA, "malformed message: " + e.getMessage());
            return false;
        }
        hub.metrics().received();
        boolean room = route(message, bytes + values * BYTES_PER_VALUE);
        return receivedPart() && room;
    }

    @Override
    public boolean receivedPart() {
        heardNanos = System.nanoTime();
        if (rate.take(System.nanoTime())) {
            return true;
        }
        paused = true; // the timer goes on reading
        if (!tooFastReported) {
            tooFastReported = true;
            complain("sends more than " + settings.messagesPerSecond() + " messages/s, it is read more slowly");
        }
        return false;
    }

    /** An upper bound of the JSON values in a text: what separates them is counted, in strings, too. */
    private static int values(String text) {
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',' || c == '{' || c == '[') {
                count++;
            }
        }
        return count;
    }

    private boolean route(Message message, int bytes) {
        switch (message.operation()) {
            case Operation.KEEPALIVE -> keepaliveNanos = System.nanoTime();
            case Operation.RESPONSE -> acknowledged(message.parentId());
            case Operation.ERROR -> refused(message);
            case "ping", "pong", "config" -> send(message.respond(new com.google.gson.JsonPrimitive("ack")));
            default -> {
                return mailbox.add(message, bytes);
            }
        }
        return true;
    }

    private void refused(Message message) {
        complain("it cannot take " + brief(message.resource()) + ": " + brief(message.content().toString()));
        if (kelp && !message.parentId().isEmpty()) {
            outbox.refused(message.parentId(), System.nanoTime());
        }
    }

    private void acknowledged(String id) {
        Optional<Push> push = outbox.acknowledged(id);
        if (push.isPresent()) {
            if (!kelp) {
                hub.record(node, push.get());
            }
            hub.metrics().acknowledged();
            pump();
        }
    }

    private void dispatch(Message message) {
        if (!open) {
            return;
        }
        if (message.group().equals(KELP)) {
            kelpMessage(message);
        } else {
            hub.dispatch(this, message);
        }
    }

    private void kelpMessage(Message message) {
        if (!kelp) {
            complain("a message of group kelp, which was not negotiated, is ignored");
            return;
        }
        switch (message.operation()) {
            case "inventory" -> inventory(message);
            case "goodbye" -> close(GatewayLink.NORMAL, "goodbye");
            default -> LOG.debug("Node {}: unknown kelp operation {}", node, message.operation());
        }
    }

    private void inventory(Message message) {
        try {
            JsonObject content = MessageCodec.object(message);
            List<Held> all = inventory == null ? new ArrayList<>() : inventory;
            for (JsonElement item : content.getAsJsonArray("items")) {
                JsonObject one = item.getAsJsonObject();
                all.add(new Held(string(one, "apiVersion"), "", string(one, "type"), string(one, "namespace"),
                        string(one, "name"), string(one, "uid"), string(one, "resourceVersion")));
            }
            if (all.size() > MAX_INVENTORY) {
                close(GatewayLink.POLICY, "the inventory has more than " + MAX_INVENTORY + " items");
                return;
            }
            boolean complete = !content.has("complete") || content.get("complete").getAsBoolean();
            inventory = complete ? null : all;
            if (complete) {
                start(all);
            }
        } catch (MalformedMessageException | RuntimeException e) {
            // Wrong JSON types of the gateway's message come as several unchecked exceptions.
            close(GatewayLink.BAD_DATA, "malformed inventory: " + e.getMessage());
        }
    }

    private static String string(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    // ---- what goes to the gateway ----

    /** It is known what the gateway has: from now on it gets what is missing and what changes. */
    void start(List<Held> has) {
        outbox.reset(has);
        greeted.clear();
        ready = true;
        scan();
    }

    boolean isReady() {
        return ready;
    }

    void deliver(Push push) {
        if (!ready || !open || draining) {
            return; // the comparison at the start of the session finds it
        }
        if (outbox.offer(push)) {
            pump();
        }
    }

    void redeliver(Push push) {
        if (ready && open && outbox.offerAgain(push)) {
            pump();
        }
    }

    /** Compares what the gateway has with what it should have. */
    void scan() {
        hub.beforeObjects(this, greeted);
        Hub.Desired desired = hub.desired(node);
        nextScanNanos = System.nanoTime() + (kelp ? 12 : 1) * settings.scan().toNanos();
        Differences.Result result;
        synchronized (differences) {
            result = differences.compare(outbox.held(), desired.objects(), desired.types(), !kelp, System.nanoTime());
        }
        for (Push push : result.pushes()) {
            if (push.change() != Delivery.Change.DELETE || !outbox.isBusy(push.key())) {
                outbox.offer(push);
            }
        }
        result.forced().forEach(outbox::offerAgain);
        if (!result.forced().isEmpty()) {
            LOG.warn("Node {}: the API server went back to older versions of {} objects; they are delivered again", node, result.forced().size());
            greeted.clear();
            hub.beforeObjects(this, greeted);
        }
        if (result.unsettled() || !desired.complete()) {
            nextScanNanos = System.nanoTime() + 1_100_000_000L;
        }
        pump();
    }

    /** Sends a stock edge everything again: it has lost its store (trap 38). A Kelp gateway says so in its inventory. @param alreadySent uid of the object that went out before */
    void resync(String alreadySent) {
        if (!kelp && ready && open) {
            LOG.info("Node {} has lost its store and gets everything again", node);
            greeted.clear();
            hub.beforeObjects(this, greeted);
            hub.desired(node).objects().stream().filter(object -> !object.uid().equals(alreadySent))
                    .forEach(object -> outbox.offerAgain(Differences.firstPush(object)));
            pump();
        }
    }

    private void pump() {
        if (!open || draining) {
            return;
        }
        long now = System.nanoTime();
        for (Outbox.Pick pick : outbox.take(now)) {
            if (pick.superseded()) {
                if (!kelp) {
                    hub.record(node, pick.push());
                }
                continue;
            }
            Message message;
            try {
                message = pick.push().toMessage();
            } catch (RuntimeException e) {
                // The source renders the object; whatever goes wrong there must not end the session.
                LOG.warn("Node {}: {} {} cannot be rendered: {}", node, pick.push().object().type(), pick.push().object().name(), e.toString());
                outbox.failed(pick);
                continue;
            }
            if (!kelp && pick.push().change() != Delivery.Change.DELETE) {
                hub.begin(node, pick.push());
            }
            outbox.sent(pick, message, now);
            send(message);
        }
    }

    // ---- time ----

    /** Called by the hub's timer a few times a second. */
    void tick(long now) {
        if (!open) {
            return;
        }
        if (now - keepaliveNanos > settings.keepalive().toNanos()) {
            close(GatewayLink.POLICY, "no keepalive for " + settings.keepalive().toSeconds() + " s");
        } else if (link.isStuck(now, settings.writeTimeout())) {
            hub.metrics().slow();
            link.abort("it reads too slowly");
        } else if (link.isUnfinished(now, WHOLE_MESSAGE)) {
            close(GatewayLink.POLICY, "a message did not end within " + WHOLE_MESSAGE.toSeconds() + " s");
        } else if (contest != null && isDecided(contest, now)) {
            close(GatewayLink.GOING_AWAY, "the gateway is connected to replica " + contest.replica());
        } else if (draining && now - drainUntilNanos >= 0) {
            close(GatewayLink.GOING_AWAY, "replaced by a newer session");
        } else if (kelp && !ready && now - openedNanos > settings.inventoryTimeout().toNanos()) {
            close(GatewayLink.POLICY, "no inventory within " + settings.inventoryTimeout().toSeconds() + " s");
        } else {
            if (paused && rate.take(now)) {
                paused = false;
                link.readOn();
            }
            if (ready && !draining) {
                outbox.repeat(now).forEach(this::send);
                pump();
                if (now - nextScanNanos >= 0) {
                    nextScanNanos = now + settings.scan().toNanos();
                    hub.workers().execute(this::scan);
                }
            }
        }
    }

    /** Whether nothing is on its way to a Kelp gateway that has been here for a while. */
    boolean isIdle(long now) {
        return kelp && ready && open && !draining && now - openedNanos > SETTLED_NANOS && outbox.waitingCount() + outbox.inFlightCount() == 0;
    }

    long openedNanos() {
        return openedNanos;
    }

    /** The Node names another replica. */
    void contested(String replica) {
        if (contest == null && System.nanoTime() - uncontestedNanos > 0) {
            contest = new Contest(replica, System.nanoTime());
            link.ping();
        }
    }

    /** Whether the gateway has left. One that gives a sign of life is ours, and the Node is told so. */
    private boolean isDecided(Contest about, long now) {
        if (heardNanos - about.sinceNanos() > 0) {
            contest = null;
            uncontestedNanos = now + TRUCE_NANOS; // two gateways with one certificate would contest for ever
            complain("replica " + about.replica() + " serves a gateway of this name as well; if that goes on, two use the same certificate");
            hub.stillHere(node);
            return false;
        }
        return now - about.sinceNanos() > PONG_NANOS;
    }

    private void readOn() {
        if (!paused) {
            link.readOn();
        }
    }

    /** A newer session has taken over: nothing more is delivered here, what is still on its way up is taken for a moment. */
    void replaced(long graceNanos) {
        if (kelp && graceNanos > 0) {
            drainUntilNanos = System.nanoTime() + graceNanos;
            draining = true;
        } else {
            close(GatewayLink.GOING_AWAY, "replaced by a newer session");
        }
    }

    /** What is counted for a node goes on across sessions that follow one another without a break. */
    void succeeds(Session before) {
        takeOvers = before.takeOvers;
        complaints = before.complaints;
    }

    /**
     * Whether a newer session may take over now; counts. A gateway that was cut off needs that once or twice;
     * two with the same certificate need it for ever, and neither would ever get to work.
     */
    boolean mayBeTakenOver() {
        TokenBucket bucket = takeOvers;
        boolean granted;
        synchronized (bucket) {
            granted = bucket.take(System.nanoTime());
        }
        if (!granted) {
            complain(TWICE);
        }
        return granted;
    }

    void close(int status, String reason) {
        link.close(status, reason);
    }

    /** Ends the session once what is queued has been written; see {@link GatewayLink#closeWhenWritten}. */
    CompletableFuture<Void> closeWhenWritten(int status, String reason) {
        return link.closeWhenWritten(status, reason);
    }

    @Override
    public void ended(String reason) {
        open = false;
        hub.ended(this, reason);
    }

    private static String brief(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }
}
