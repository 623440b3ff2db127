package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.broker.Link;
import io.kelp.mapper.mqtt.internal.live.Pulse;
import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import io.kelp.mapper.mqtt.internal.sparkplug.NodeState.Event;
import io.kelp.mapper.mqtt.internal.sparkplug.SparkplugTopic.Type;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One edge node as its devices here share it: hears all that the node says, follows it in a {@link NodeState}, and asks it to
 * tell everything again when something was missed. Safe for use by several threads.
 */
final class NodeSession implements Link.Watcher, Pulse.Beater {

    private static final Logger LOG = LoggerFactory.getLogger(NodeSession.class);
    private static final long REBIRTH_PAUSE = Duration.ofSeconds(5).toNanos();
    private static final long REBIRTH_LONGEST_PAUSE = Duration.ofSeconds(60).toNanos();

    /** Devices are born right after their node. */
    private static final long DEVICES_TIME = Duration.ofSeconds(5).toNanos();

    private static final long LOSS_TOLD_AGAIN = Duration.ofMinutes(10).toNanos();

    /** A device of this node that somebody drives. Calls come on threads of the connection: hand over and return. */
    interface Member {

        /** Empty for the node itself. */
        String device();

        void born();

        void value(Event.Value value);

        /** What was told before may be old. */
        void stale(String reason);

        void away(String reason);
    }

    private final String group;
    private final String node;
    private final Pulse pulse;
    private final InstantSource clock;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final NodeState state = new NodeState(); // guarded by itself
    private Link link;
    private long lastRequest;       // guarded by state
    private long pause;             // guarded by state; 0: may be asked at once
    private boolean rebirthWanted;  // guarded by state
    private long bornNanos;         // guarded by state
    private boolean devicesAwaited; // guarded by state
    private boolean malformed;      // guarded by state
    private boolean lossTold;       // guarded by state
    private long lossNanos;         // guarded by state

    NodeSession(String group, String node, Pulse pulse, InstantSource clock) {
        this.group = group;
        this.node = node;
        this.pulse = pulse;
        this.clock = clock;
    }

    void open(Link.Opener opener) throws ConfigurationException {
        link = opener.open(this);
        link.subscribe(SparkplugTopic.all(group, node), 1, this::message);
        pulse.add(this);
        if (link.isUp()) {
            want("its birth was not seen");
        }
    }

    void close() {
        pulse.remove(this);
        link.close();
    }

    Link link() {
        return link;
    }

    void join(Member member) {
        members.add(member);
    }

    /** Tells a member how things are, when it has just joined or the connection is there again. */
    void greet(Member member) {
        boolean known;
        synchronized (state) {
            known = state.isBorn(member.device());
        }
        if (!link.isUp()) {
            member.away(link.trouble());
        } else if (known) {
            want("a device has come whose values are not known");
            member.born();
        } else {
            member.away("nothing is known of it yet; node " + node + " is asked to tell of itself");
        }
    }

    /** @return whether it was the last one */
    boolean leave(Member member) {
        members.remove(member);
        return members.isEmpty();
    }

    Map<String, DataType> metrics(String device) {
        synchronized (state) {
            return state.metrics(device);
        }
    }

    CompletionStage<Void> command(String device, List<Metric> metrics) {
        SparkplugTopic topic = new SparkplugTopic(group, device.isEmpty() ? Type.NCMD : Type.DCMD, node, device);
        return link.publish(topic.toString(), PayloadCodec.encode(new Payload(clock.millis(), -1, metrics)), 0, false);
    }

    private void message(Message message) {
        SparkplugTopic topic = SparkplugTopic.parse(message.topic()).orElse(null);
        if (topic == null || topic.type() == Type.NCMD || topic.type() == Type.DCMD) {
            return;
        }
        List<Event> events;
        try {
            Payload payload = PayloadCodec.decode(message.payload());
            synchronized (state) {
                events = state.take(topic, payload);
            }
        } catch (MalformedPayloadException e) {
            remark(topic, e.getMessage());
            return;
        }
        events.forEach(this::hand);
    }

    private void hand(Event event) {
        if (event instanceof Event.Value value) {
            for (Member member : members) {
                if (member.device().equals(value.device())) {
                    member.value(value);
                }
            }
        } else if (event instanceof Event.Born born) {
            if (born.device().isEmpty()) {
                synchronized (state) {
                    pause = 0;
                    rebirthWanted = false;
                    bornNanos = pulse.nanos();
                    devicesAwaited = true;
                }
            }
            members.stream().filter(m -> m.device().equals(born.device())).forEach(Member::born);
        } else if (event instanceof Event.Gone gone) {
            members.stream().filter(m -> m.device().equals(gone.device())).forEach(m -> m.away(gone.reason()));
        } else if (event instanceof Event.Stale stale) {
            if (isLossNews()) {
                LOG.info("Sparkplug node {}/{}: {}", group, node, stale.reason());
            }
            members.forEach(m -> m.stale(stale.reason()));
        } else if (event instanceof Event.Rebirth rebirth) {
            want(rebirth.reason());
        }
    }

    /** A node whose numbers never fit would fill the log. */
    private boolean isLossNews() {
        long now = pulse.nanos();
        synchronized (state) {
            if (lossTold && now - lossNanos < LOSS_TOLD_AGAIN) {
                return false;
            }
            lossTold = true;
            lossNanos = now;
            return true;
        }
    }

    private void remark(SparkplugTopic topic, String sentence) {
        boolean first;
        synchronized (state) {
            first = !malformed;
            malformed = true;
        }
        if (first) {
            LOG.warn("Sparkplug node {}/{}: a message on {} is not taken: {}", group, node, topic, sentence);
        }
    }

    @Override
    public void up() {
        synchronized (state) {
            state.forget();
            pause = 0;
        }
        members.forEach(this::greet);
        want("messages of it may have been missed");
    }

    @Override
    public void down(String reason) {
        members.forEach(member -> member.away(reason));
    }

    /** Asks for a rebirth, now or when enough time has passed since the last request. */
    private void want(String reason) {
        long now = pulse.nanos();
        synchronized (state) {
            rebirthWanted = true;
            if (pause > 0 && now - lastRequest < pause) {
                return;
            }
            rebirthWanted = false;
            lastRequest = now;
            pause = pause == 0 ? REBIRTH_PAUSE : Math.min(REBIRTH_LONGEST_PAUSE, pause * 2);
        }
        LOG.debug("Sparkplug node {}/{} is asked for a rebirth: {}", group, node, reason);
        command("", List.of(Metric.of(Payload.REBIRTH, clock.millis(), DataType.BOOLEAN, true))).whenComplete((sent, failure) -> {
            if (failure != null) {
                LOG.debug("Sparkplug node {}/{} could not be asked for a rebirth: {}", group, node, failure.getMessage());
            }
        });
    }

    @Override
    public void beat(long nowNanos) {
        boolean ask;
        List<Event> overdue = List.of();
        synchronized (state) {
            if (devicesAwaited && nowNanos - bornNanos > DEVICES_TIME) {
                devicesAwaited = false;
                overdue = state.overdue();
            }
            ask = (rebirthWanted || !state.isBorn("")) && nowNanos - lastRequest >= pause;
        }
        overdue.forEach(this::hand);
        if (ask && link.isUp()) {
            want("it has not answered");
        }
    }
}
