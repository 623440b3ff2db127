package io.kelp.cloud.hub;

import io.kelp.cloud.hub.Delivery.Change;
import io.kelp.message.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The objects on their way to one gateway: at most a window of them in flight, at most one version
 * of each waiting, repeated until acknowledged (channel specification 5.2 to 5.4).
 *
 * <p>Knows neither sockets nor time; safe for use by several threads, calls nobody.
 */
final class Outbox {

    private static final long LONGEST_PAUSE_NANOS = 60_000_000_000L;

    private final int window;
    private final int sends;
    private final long ackNanos;
    private final boolean placesOverwrite;
    private final Map<String, Held> held = new HashMap<>();
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private final Map<String, Flight> flights = new LinkedHashMap<>();

    private record Waiting(Push push, int rounds, long notBefore) {}

    /** A message in flight: sent {@code count} times, due again at {@code dueNanos}. */
    private record Flight(Push push, Message message, int count, int rounds, long dueNanos) {}

    /**
     * A push to be rendered and sent. The id of its message is told back by {@link #sent}.
     *
     * @param superseded the deletion must not be sent: it would hit the successor of the object
     */
    record Pick(Push push, int rounds, boolean superseded) {}

    /**
     * @param sends of one object before another gets its place in the window
     * @param placesOverwrite whether a deletion at the gateway hits whatever has the name, as at
     *     stock edges, instead of the uid
     */
    Outbox(int window, int sends, long ackNanos, boolean placesOverwrite) {
        this.placesOverwrite = placesOverwrite;
        this.window = window;
        this.sends = sends;
        this.ackNanos = ackNanos;
    }

    /** Forgets everything and starts from what the gateway has. */
    synchronized void reset(Collection<Held> has) {
        held.clear();
        has.forEach(h -> held.put(h.uid(), h));
        waiting.clear();
        flights.clear();
    }

    synchronized List<Held> held() {
        return List.copyOf(held.values());
    }

    /** Whether the gateway has the object, and no other version is on the way to it. */
    synchronized boolean hasTaken(String uid) {
        return held.containsKey(uid) && !isBusy(uid);
    }

    /** Whether a push of this object waits or is in flight. */
    synchronized boolean isBusy(String uid) {
        return waiting.containsKey(uid) || flightOf(uid) != null;
    }

    /**
     * Takes a change that an event told of.
     *
     * @return false when the gateway has this version, or will
     */
    synchronized boolean offer(Push push) {
        return offer(push, false);
    }

    /** Takes a push even when the gateway has acknowledged this version. */
    synchronized boolean offerAgain(Push push) {
        return offer(push, true);
    }

    private boolean offer(Push push, boolean again) {
        Waiting before = waiting.get(push.key());
        if (push.change() == Change.DELETE) {
            return put(push, before);
        }
        String version = push.object().resourceVersion();
        Push other = before != null ? before.push() : pushInFlight(push.key());
        boolean deletion = other != null && other.change() == Change.DELETE;
        String has = other != null && !deletion ? other.object().resourceVersion()
                : held.containsKey(push.key()) && !deletion ? held.get(push.key()).resourceVersion() : null;
        if (has != null && !again) {
            Versions.Order order = Versions.compare(version, has);
            if (order == Versions.Order.SAME || order == Versions.Order.OLDER) {
                return false; // an older one is settled by the comparison with the source, which looks twice
            }
        }
        boolean stillNew = before != null && before.push().change() == Change.INSERT && push.change() == Change.UPDATE;
        return put(stillNew ? new Push(Change.INSERT, push.object(), push.answer()) : push, before);
    }

    private boolean put(Push push, Waiting before) {
        waiting.put(push.key(), new Waiting(push, before == null ? 0 : before.rounds(), before == null ? 0 : before.notBefore()));
        return true;
    }

    /** The place of an object that is to go has been taken by another one, which overwrote it at the gateway. */
    private boolean isSuperseded(Push push) {
        GatewayObject gone = push.object();
        if (!placesOverwrite || push.change() != Change.DELETE || gone.uid().isEmpty()) {
            return false;
        }
        Held old = held.get(gone.uid());
        String version = old == null ? gone.resourceVersion() : old.resourceVersion();
        return held.values().stream().anyMatch(h -> h.isAt(gone.type(), gone.namespace(), gone.name())
                && !h.uid().equals(gone.uid()) && Versions.compare(h.resourceVersion(), version) != Versions.Order.OLDER);
    }

    /** Takes what may be sent now; the caller renders and sends each and then calls {@link #sent} or {@link #failed}. */
    synchronized List<Pick> take(long nowNanos) {
        List<Pick> picks = new ArrayList<>();
        Iterator<Waiting> all = waiting.values().iterator();
        while (all.hasNext() && flights.size() < window) {
            Waiting one = all.next();
            if (flightOf(one.push().key()) == null && one.notBefore() - nowNanos <= 0) {
                all.remove();
                if (isSuperseded(one.push())) {
                    held.remove(one.push().object().uid());
                    picks.add(new Pick(one.push(), one.rounds(), true));
                    continue;
                }
                picks.add(new Pick(one.push(), one.rounds(), false));
                // Holds the place until sent() puts the message in.
                flights.put("rendering " + one.push().key(),
                        new Flight(one.push(), null, 1, one.rounds(), nowNanos + ackNanos));
            }
        }
        return picks;
    }

    /** The message of a pick is about to be written. */
    synchronized void sent(Pick pick, Message message, long nowNanos) {
        if (flights.remove("rendering " + pick.push().key()) != null) {
            flights.put(message.id(), new Flight(pick.push(), message, 1, pick.rounds(), nowNanos + ackNanos));
        }
    }

    /** A pick could not be rendered; it is given up until the next comparison with its source. */
    synchronized void failed(Pick pick) {
        flights.remove("rendering " + pick.push().key());
    }

    /** The gateway has acknowledged a message; empty when it is not one of ours, or superseded. */
    synchronized Optional<Push> acknowledged(String messageId) {
        Flight flight = flights.remove(messageId);
        if (flight == null) {
            return Optional.empty();
        }
        Push push = flight.push();
        if (push.change() == Change.DELETE) {
            held.remove(push.key());
        } else {
            held.put(push.key(), Held.of(push.object(), push.object().resourceVersion()));
        }
        return Optional.of(push);
    }

    /** The gateway could not take a message: it is sent again later. */
    synchronized boolean refused(String messageId, long nowNanos) {
        Flight flight = flights.remove(messageId);
        if (flight == null) {
            return false;
        }
        requeue(flight, nowNanos);
        return true;
    }

    /** What must be written again now, because no acknowledgement came in time. */
    synchronized List<Message> repeat(long nowNanos) {
        List<Message> again = new ArrayList<>();
        for (Map.Entry<String, Flight> entry : List.copyOf(flights.entrySet())) {
            Flight flight = entry.getValue();
            if (flight.message() == null || flight.dueNanos() - nowNanos > 0) {
                continue;
            }
            if (waiting.containsKey(flight.push().key())) {
                flights.remove(entry.getKey()); // a newer version waits: repeat that one instead
            } else if (flight.count() >= sends) {
                flights.remove(entry.getKey());
                requeue(flight, nowNanos);
            } else {
                again.add(flight.message());
                flights.put(entry.getKey(), new Flight(
                        flight.push(), flight.message(), flight.count() + 1, flight.rounds(), nowNanos + ackNanos));
            }
        }
        return again;
    }

    private void requeue(Flight flight, long nowNanos) {
        if (flight.push().answer() != null) {
            return; // the gateway asks again when it still wants to know
        }
        long pause = Math.min(LONGEST_PAUSE_NANOS, ackNanos << Math.min(flight.rounds(), 4));
        waiting.putIfAbsent(flight.push().key(), new Waiting(flight.push(), flight.rounds() + 1, nowNanos + pause));
    }

    synchronized int waitingCount() {
        return waiting.size();
    }

    synchronized int inFlightCount() {
        return flights.size();
    }

    private Push pushInFlight(String uid) {
        Flight flight = flightOf(uid);
        return flight == null ? null : flight.push();
    }

    private Flight flightOf(String uid) {
        for (Flight flight : flights.values()) {
            if (flight.push().key().equals(uid)) {
                return flight;
            }
        }
        return null;
    }
}
