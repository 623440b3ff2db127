package io.kelp.edgehub.internal.link;

import io.kelp.edgehub.CloudLink.State;
import io.kelp.edgehub.CloudLink.Status;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.CloudMessageHandler.StoredObject;
import io.kelp.message.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings each push of the cloud to the handler that owns it and answers when the handler is done.
 * A push that comes again while it is being handled is ignored; one that comes again after its
 * acknowledgement was lost is acknowledged again without being handled twice.
 *
 * <p>Safe for use by several threads.
 */
final class Router implements Lane.Outcome {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);
    private static final int REMEMBERED = 512;
    private static final Status NO_LINK = new Status(State.DISCONNECTED, Instant.EPOCH, null, "");

    private final ScheduledExecutorService pool;
    private final Traffic traffic;
    private final Consumer<Message> answers;
    private final Object change = new Object(); // of what follows; held for no call to a handler
    private volatile List<Lane> lanes = List.of(); // replaced as a whole: a push must not see a list half made
    private Status told = NO_LINK;
    private final Map<String, Boolean> seen = new LinkedHashMap<>(); // id → acknowledged; guarded by itself
    private final Map<String, Integer> complaints = new HashMap<>(); // guarded by itself

    /** @param answers takes acknowledgements and refusals */
    Router(ScheduledExecutorService pool, Traffic traffic, Consumer<Message> answers) {
        this.pool = pool;
        this.traffic = traffic;
        this.answers = answers;
    }

    /** Adds a handler, which is told of the link if there is one now. */
    void add(CloudMessageHandler handler, int ranking) {
        Lane lane = new Lane(handler, ranking, pool, this);
        synchronized (change) {
            List<Lane> all = new ArrayList<>(lanes);
            all.add(lane);
            all.sort(Comparator.comparingInt(Lane::ranking).reversed());
            if (told.peer() != null) {
                lane.connected(told.peer());
            }
            lanes = List.copyOf(all);
        }
        synchronized (complaints) {
            complaints.clear();
        }
    }

    void remove(CloudMessageHandler handler) {
        synchronized (change) {
            for (Lane lane : lanes) {
                if (lane.handler() == handler) {
                    lane.close();
                }
            }
            lanes = lanes.stream().filter(lane -> lane.handler() != handler).toList();
        }
        synchronized (seen) {
            seen.values().removeIf(acknowledged -> !acknowledged); // what its queue held may be sent again
        }
    }

    /**
     * Tells the handlers what became of the link. Several threads may call this at once and in any
     * order after a change: what is told is the link as it is now, and each connection once.
     */
    void linkChanged(Supplier<Status> link) {
        synchronized (change) {
            Status now = link.get();
            Status before = told;
            if (now.peer() == null && before.peer() != null) {
                told = NO_LINK;
                synchronized (seen) {
                    seen.values().removeIf(acknowledged -> acknowledged); // ids are not used again by another session
                }
                lanes.forEach(Lane::disconnected);
            } else if (now.peer() != null && now != before) {
                told = now;
                lanes.forEach(lane -> lane.connected(now.peer()));
            }
        }
    }

    /** All objects that the handlers have stored. */
    List<StoredObject> inventory() {
        List<StoredObject> all = new ArrayList<>();
        for (Lane lane : lanes) {
            try {
                all.addAll(lane.handler().inventory());
            } catch (RuntimeException e) { // foreign code
                LOG.warn("Handler {} failed to list what it has stored", lane.handler(), e);
            }
        }
        return all;
    }

    /** @param characters length of the message on the wire */
    void push(Message message, int characters) {
        synchronized (seen) {
            Boolean acknowledged = seen.get(message.id());
            if (acknowledged != null) {
                if (acknowledged && Wire.wantsAcknowledgement(message)) {
                    answers.accept(Wire.acknowledgement(message));
                }
                return;
            }
        }
        for (Lane lane : lanes) {
            if (lane.claims(message)) {
                remember(message, false);
                if (!lane.offer(message, characters)) {
                    forget(message);
                    traffic.overflowed();
                    complain("overflow " + lane.handler().getClass().getName(),
                            "Dropped {} {}: the queue of its handler is full; the cloud is expected to send it again", message);
                }
                return;
            }
        }
        traffic.unclaimed();
        complain(message.group() + " " + message.source(),
                "Nobody takes {} {} now; it stays unacknowledged until its bundle is there", message);
    }

    private void complain(String about, String text, Message message) {
        synchronized (complaints) {
            if (complaints.size() > REMEMBERED || complaints.merge(about, 1, Integer::sum) > 1) {
                return;
            }
        }
        LOG.info(text, message.operation(), message.resource());
    }

    private void remember(Message message, boolean acknowledged) {
        if (message.id().isEmpty()) {
            return;
        }
        synchronized (seen) {
            seen.remove(message.id());
            seen.put(message.id(), acknowledged);
            if (seen.size() > REMEMBERED + Lane.CAPACITY) {
                seen.remove(seen.keySet().iterator().next());
            }
        }
    }

    private void forget(Message message) {
        synchronized (seen) {
            seen.remove(message.id());
        }
    }

    @Override
    public void handled(Message message) {
        remember(message, true);
        if (Wire.wantsAcknowledgement(message)) {
            answers.accept(Wire.acknowledgement(message));
        }
    }

    @Override
    public void failed(Message message, String reason) {
        forget(message);
        if (Wire.wantsAcknowledgement(message)) {
            answers.accept(message.refuse("metamanager", reason));
        }
        complain("failed " + message.resource(), "Could not take {} {}: " + reason.replace("{}", ""), message);
    }
}
