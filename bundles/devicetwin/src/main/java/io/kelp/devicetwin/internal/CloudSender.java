package io.kelp.devicetwin.internal;

import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends up what the devices have to say, the newest values of one device after the other, and takes confirmations. Belongs
 * to the thread of the engine.
 */
final class CloudSender {

    private static final Duration MOST_PATIENT = Duration.ofSeconds(60);
    private static final int MOST_DOUBLINGS = 8;
    private static final int STATES_UNCONFIRMED = 1;

    private static final Logger LOG = LoggerFactory.getLogger(CloudSender.class);

    private final DeviceTable table;
    private final Supplier<CloudLink> link;
    private final Supplier<String> node;
    private final LongSupplier clock;
    private final Duration retry;
    private final long spacingNanos;
    private final BiConsumer<Message, Throwable> answers;

    /** Devices that may have something to say; first come, first served. */
    private final Set<DeviceEntry> waiting = new LinkedHashSet<>();
    /** Devices that wait a moment because they have just said something. */
    private final Set<DeviceEntry> paced = new LinkedHashSet<>();
    private final Map<String, DeviceEntry> underWay = new HashMap<>();
    private boolean linked;
    private boolean kelpCloud;
    private int unconfirmedStates; // on this link, since the last confirmed one
    private volatile long sent; // written by one thread
    private volatile long confirmed;
    private volatile long refused;

    /**
     * @param retry time after which an unconfirmed message counts as lost; grows while nothing is confirmed
     * @param spacing least time between two messages about the twins of a device to a Kelp cloud
     * @param answers has {@link #answered} called on the engine's thread with the message that was sent; called by any thread
     */
    CloudSender(DeviceTable table, Supplier<CloudLink> link, Supplier<String> node, LongSupplier clock, Duration retry, Duration spacing,
            BiConsumer<Message, Throwable> answers) {
        this.table = table;
        this.link = link;
        this.node = node;
        this.clock = clock;
        this.retry = retry;
        this.spacingNanos = spacing.toNanos();
        this.answers = answers;
    }

    long sent() {
        return sent;
    }

    long confirmedMessages() {
        return confirmed;
    }

    long refusedMessages() {
        return refused;
    }

    /** All that is not confirmed has to be told again. */
    void connected(CloudLink.Peer peer) {
        disconnected();
        linked = true;
        unconfirmedStates = 0;
        kelpCloud = peer == CloudLink.Peer.KELP;
        table.devices().stream().filter(entry -> entry.upward.isDirty()).forEach(waiting::add);
        askForMembership();
    }

    /**
     * As the stock edge does, which the stock cloud never answers (device specification, section 3.9). A Kelp cloud is
     * asked when there are devices without an object, which the inventory cannot speak of.
     */
    private void askForMembership() {
        String content = TwinPayloads.text(json -> json.name("event_type").value("group_membership_event")
                .name("event_id").value(UUID.randomUUID().toString()).name("group_id").value(node.get())
                .name("operation").value("detail").name("timestamp").value(clock.getAsLong()));
        Message request = Message.create("twin", "resource", Operation.GET, "membership/detail", new JsonPrimitive(content));
        CloudLink now = link.get();
        if (!kelpCloud) {
            send(request);
        } else if (now != null && table.devices().stream().anyMatch(entry -> entry.state().uid().isEmpty())) {
            now.request(request, MOST_PATIENT).whenComplete((answer, failure) -> answers.accept(failure == null ? answer : request, failure));
        }
    }

    void disconnected() {
        linked = false;
        underWay.clear();
        waiting.clear();
        paced.clear();
        table.devices().forEach(entry -> entry.upward.disconnected());
    }

    void add(Iterable<DeviceEntry> entries) {
        entries.forEach(waiting::add);
    }

    /** Looks again after devices that were overlooked. */
    void retry() {
        underWay.values().removeIf(entry -> !table.contains(entry));
        table.devices().stream().filter(entry -> entry.upward.isDirty()).forEach(waiting::add);
    }

    /** Whether somebody waits for {@link #resume}. */
    boolean isPaced() {
        return !paced.isEmpty();
    }

    /** Those who had to wait a moment may try again. */
    void resume() {
        waiting.addAll(paced);
        paced.clear();
    }

    /** @return false when the link is up but would not take everything */
    boolean flush() {
        if (!linked) {
            return true; // all of it is looked for again when the link is up
        }
        CloudLink now = waiting.size() > 1 ? link.get() : null;
        if (now == null) {
            return flushWaiting();
        }
        AtomicBoolean all = new AtomicBoolean();
        int before;
        do { // what has left makes room for more
            before = waiting.size();
            now.together(() -> all.set(flushWaiting()));
        } while (!all.get() && waiting.size() < before);
        return all.get();
    }

    private boolean flushWaiting() {
        for (Iterator<DeviceEntry> i = waiting.iterator(); i.hasNext();) {
            DeviceEntry entry = i.next();
            if (table.contains(entry) && !flush(entry)) {
                return false;
            }
            i.remove();
        }
        return true;
    }

    private boolean flush(DeviceEntry entry) {
        DeviceState state = entry.state();
        String resource = TwinOutput.resource(state, kelpCloud);
        Message twins = entry.upward.nextTwins(state, resource, clock.getAsLong(), System.nanoTime(), kelpCloud ? spacingNanos : -1);
        if (!request(entry, twins)) {
            return false;
        }
        if (kelpCloud && entry.upward.isPaced()) {
            paced.add(entry);
        }
        Message message = entry.upward.nextState(state, resource);
        if (message == null || kelpCloud || unconfirmedStates < STATES_UNCONFIRMED) {
            return request(entry, message);
        }
        // Stock clouds up to 1.17 do not know states and confirm none (device specification, section 2.4).
        boolean taken = send(message);
        if (taken) {
            entry.upward.confirmed(message.id(), state);
        } else {
            entry.upward.unsent(message.id());
        }
        return taken;
    }

    private boolean request(DeviceEntry entry, Message message) {
        if (message == null) {
            return true;
        }
        CloudLink now = link.get();
        CompletableFuture<Message> answer = now == null ? null
                : now.request(message, patience(entry.upward.failures(message))).toCompletableFuture();
        if (answer == null || answer.isCompletedExceptionally()) {
            entry.upward.unsent(message.id());
            return false;
        }
        sent++;
        underWay.put(message.id(), entry);
        answer.whenComplete((response, failure) -> answers.accept(failure == null ? response : message, failure));
        return true;
    }

    /** The configured time, doubled with each failure up to a minute. */
    private Duration patience(int failures) {
        Duration patience = retry.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        Duration most = retry.compareTo(MOST_PATIENT) > 0 ? retry : MOST_PATIENT;
        return patience.compareTo(most) > 0 ? most : patience;
    }

    private boolean send(Message message) {
        CloudLink now = link.get();
        boolean taken = now != null && now.send(message);
        if (taken) {
            sent++;
        }
        return taken;
    }

    /** The cloud answered a message of ours. */
    void answered(Message answer) {
        DeviceEntry entry = underWay.remove(answer.parentId());
        if (entry == null) {
            return; // of an earlier link, or repeated
        }
        if (answer.operation().equals(Operation.ERROR)) {
            if (refused++ == 0) {
                LOG.warn("The cloud refused values of device {}: {}; they are sent again until it takes them", entry.key(), answer.content());
            }
            entry.upward.unconfirmed(answer.parentId()); // tried again with the next value, or by retry()
            return;
        }
        confirmed++;
        if (entry.upward.isState(answer.parentId())) {
            unconfirmedStates = 0;
        }
        entry.upward.confirmed(answer.parentId(), entry.state());
        if (entry.upward.isDirty()) {
            waiting.add(entry);
        }
    }

    /** A message of ours got no answer. */
    void unanswered(Message message) {
        DeviceEntry entry = underWay.remove(message.id());
        if (entry == null) {
            return; // of an earlier link
        }
        if (entry.upward.unconfirmed(message.id())) {
            unconfirmedStates++;
        }
        waiting.add(entry);
    }
}
