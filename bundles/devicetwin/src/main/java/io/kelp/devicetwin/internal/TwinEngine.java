package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What happens on the gateway: requests of MQTT clients, reports of drivers, wishes from the command line. Pure but
 * for the {@link DeviceTable}; belongs to one thread.
 */
final class TwinEngine {

    private static final String DEVICE_PREFIX = "$hw/events/device/";
    private static final String NODE_PREFIX = "$hw/events/node/";
    private static final String MEMBERSHIP_GET = "/membership/get";
    private static final int QUOTED = 256;

    /** What clients may ask of a device, by the end of the topic. */
    private enum Request {
        STATE_UPDATE("/state/update"), TWIN_UPDATE("/twin/update"), TWIN_GET("/twin/get"), CLOUD_UPDATED("/twin/cloud_updated");

        private final String suffix;

        Request(String suffix) {
            this.suffix = suffix;
        }
    }

    private static final int MOST_NAMED = 8;

    private final DeviceTable table;
    private final TwinOutput output;
    private final CloudEngine cloud;
    private final ValueRules rules;
    private final int maxTwins;
    private final Supplier<String> node;
    private final LongSupplier clock;

    TwinEngine(DeviceTable table, CloudEngine cloud, ValueRules rules, int maxTwins, Supplier<String> node, LongSupplier clock) {
        this(table, cloud, rules, maxTwins, node, clock, topic -> true);
    }

    /** @param heard whether an MQTT client may listen to a topic */
    TwinEngine(DeviceTable table, CloudEngine cloud, ValueRules rules, int maxTwins, Supplier<String> node, LongSupplier clock,
            Predicate<String> heard) {
        this.table = table;
        this.output = new TwinOutput(table, heard);
        this.cloud = cloud;
        this.rules = rules;
        this.maxTwins = maxTwins;
        this.node = node;
        this.clock = clock;
    }

    /** Topic filters of what {@link #message} understands (device specification, section 4.2). */
    static List<String> filters() {
        return List.of("$hw/events/device/+/state/update", "$hw/events/device/+/+/state/update",
                "$hw/events/device/+/twin/+", "$hw/events/device/+/+/twin/+", "$hw/events/node/+/membership/get");
    }

    /** A message of an MQTT client; one that is no request has no effect. */
    void message(String topic, byte[] payload, Effects fx) {
        if (topic.startsWith(NODE_PREFIX) && topic.endsWith(MEMBERSHIP_GET)) {
            membershipGet(payload, fx);
            return;
        }
        for (Request request : Request.values()) {
            if (topic.startsWith(DEVICE_PREFIX) && topic.endsWith(request.suffix)
                    && topic.length() > DEVICE_PREFIX.length() + request.suffix.length()) {
                String id = topic.substring(DEVICE_PREFIX.length(), topic.length() - request.suffix.length());
                if (id.indexOf('/') == id.lastIndexOf('/')) {
                    request(request, id, payload, fx);
                }
                return;
            }
        }
    }

    private void request(Request request, String id, byte[] payload, Effects fx) {
        DeviceEntry entry = table.byTopic(id);
        if (entry != null && !id.equals(entry.state().topicId())) {
            entry.aliasUsed = true;
        }
        fx.ordered = entry;
        switch (request) {
            case STATE_UPDATE -> stateUpdate(entry, id, payload, fx);
            case TWIN_UPDATE -> twinUpdate(entry, id, payload, fx);
            case TWIN_GET -> twinGet(entry, id, payload, fx);
            case CLOUD_UPDATED -> cloud.cloudUpdated(id, payload, fx);
        }
    }

    private void twinUpdate(DeviceEntry entry, String id, byte[] payload, Effects fx) {
        long now = clock.getAsLong();
        String resultTopic = TwinOutput.topic(id, "/twin/update/result");
        TwinRequest request;
        try {
            request = TwinRequest.parse(payload, rules);
        } catch (TwinRequest.Refused e) {
            // Where stock gateways send it, and where whoever asked can see it (traps 6 and 23).
            fx.publish(TwinOutput.topic("", "/twin/update/result"), TwinPayloads.error("", now, 400, e.getMessage()));
            fx.publish(resultTopic, TwinPayloads.error(e.eventId(), now, 400, e.getMessage()));
            return;
        }
        if (entry == null) {
            fx.publish(resultTopic, TwinPayloads.error(request.eventId(), now, 404, CloudEngine.UNKNOWN_DEVICE));
            return;
        }
        TwinRules.Outcome outcome = TwinRules.local(entry.state().twins(), request.twins(), declared(entry), maxTwins, now);
        if (outcome.refusal() != null) {
            table.update(entry, entry.state().withTwins(outcome.twins()));
            fx.publish(resultTopic, TwinPayloads.error(request.eventId(), now, 400, outcome.refusal()));
            return;
        }
        output.apply(entry, outcome, id, request.eventId(), now, fx);
        request.twins().forEach((property, twin) -> {
            if (twin != null && twin.actual() != null) {
                fx.reports.add(new Effects.Report(entry.state().id(), property, new Reading(twin.actual(), now, Quality.GOOD, true)));
            }
        });
    }

    private UnaryOperator<String> declared(DeviceEntry entry) {
        // Looked up only for a property without a twin, which is rare, and then once for all of a report.
        return new UnaryOperator<>() {
            private Map<String, String> types;

            @Override
            public String apply(String name) {
                if (types == null) {
                    types = output.declared(entry.state());
                }
                return types.get(name);
            }
        };
    }

    private void twinGet(DeviceEntry entry, String id, byte[] payload, Effects fx) {
        long now = clock.getAsLong();
        String topic = TwinOutput.topic(id, "/twin/get/result");
        try {
            String eventId = TwinRequest.string(TwinRequest.object(payload).get("event_id"), "");
            fx.publish(topic, entry == null
                    ? TwinPayloads.error(eventId, now, 404, "Device " + id + " not found while getting twin")
                    : TwinPayloads.twins(eventId, now, entry.state().twins()));
        } catch (IOException e) {
            fx.publish(topic, TwinPayloads.error("", now, 400, "Unmarshal twin info " + notJson(payload)));
        }
    }

    private void membershipGet(byte[] payload, Effects fx) {
        long now = clock.getAsLong();
        // The gateway answers in its own name, whichever node the client asked for (recorded).
        String topic = NODE_PREFIX + node.get() + MEMBERSHIP_GET + "/result";
        try {
            String eventId = TwinRequest.string(TwinRequest.object(payload).get("event_id"), "");
            fx.publish(topic, Memberships.list(eventId, now, table.devices()));
        } catch (IOException e) {
            fx.publish(topic, TwinPayloads.error("", now, 400, "Unmarshal get membership info " + notJson(payload)));
        }
    }

    private static String notJson(byte[] payload) {
        String text = new String(payload, 0, Math.min(payload.length, QUOTED), StandardCharsets.UTF_8);
        return text + " failed , err: " + GoJsonSyntax.describe(text);
    }

    private void stateUpdate(DeviceEntry entry, String id, byte[] payload, Effects fx) {
        String state;
        try {
            state = TwinRequest.string(TwinRequest.object(payload).get("state"), "");
        } catch (IOException e) {
            return; // stock gateways do not answer either, and clients send this each second
        }
        if (entry == null || !StateRules.isKnown(entry.state().generation(), state)) {
            return;
        }
        String event = java.util.UUID.randomUUID().toString();
        long now = clock.getAsLong();
        setState(entry, state, event, now, fx);
        fx.answers = true;
        fx.publish(TwinOutput.topic(id, "/state/update/result"),
                StateRules.stateMessage(entry.state(), event, now).getBytes(StandardCharsets.UTF_8));
    }

    private void setState(DeviceEntry entry, String state, String event, long now, Effects fx) {
        entry.upward.state(event, now);
        output.update(entry, entry.state().withState(state, StateRules.lastOnline(entry.state().generation(), state, now)), fx);
        fx.upward.add(entry);
    }

    /**
     * Values a driver has read; those that are the same as before have no effect.
     *
     * @throws IllegalArgumentException when there is no such device, or a name or value cannot be
     */
    void report(DeviceId id, Map<String, String> values, Effects fx) {
        DeviceEntry entry = known(id);
        fx.touched.add(entry);
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        List<Effects.Report> reports = new ArrayList<>();
        long now = clock.getAsLong();
        values.forEach((property, value) -> {
            checkText(id, property, value);
            reports.add(new Effects.Report(id, property, new Reading(value, now, Quality.GOOD, true)));
            TwinState twin = entry.state().twins().get(property);
            if (twin == null || twin.isDeleted() || entry.isUnstored() || !value.equals(twin.actual().value())) {
                request.put(property, MsgTwin.reported(value));
            }
        });
        if (!request.isEmpty()) {
            apply(entry, request, fx);
        }
        fx.reports.addAll(reports);
    }

    private static void checkText(DeviceId id, String property, String value) {
        if (!ValueRules.isName(property)) {
            throw new IllegalArgumentException("Device " + id + ": no property can be called \"" + property
                    + "\"; allowed are letters, digits and -_.,:/@#, at most " + ValueRules.NAME_LENGTH + " of them");
        }
        if (!ValueRules.isRelaxedValue(value)) {
            // The same words for each such value: who reports notes and logs what is new.
            throw new IllegalArgumentException("Device " + id + ", property \"" + property + "\": its value has "
                    + (value.length() > ValueRules.RELAXED_LENGTH
                            ? "more than " + ValueRules.RELAXED_LENGTH + " characters, which is the most that a twin holds"
                            : "a control character, such as the end of a line; a twin holds one line of text"));
        }
    }

    /**
     * Values a driver has read, with their time and quality. The same value is taken again when it was measured anew.
     *
     * @throws IllegalArgumentException when there is no such device, or a name or value cannot be
     */
    void reportReadings(DeviceId id, Map<String, Reading> readings, Effects fx) {
        DeviceEntry entry = known(id);
        fx.touched.add(entry);
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        List<Effects.Report> reports = new ArrayList<>();
        long now = clock.getAsLong();
        readings.forEach((property, reading) -> {
            String text = reading.text();
            if (text == null && reading.quality() != Quality.BAD) {
                throw new IllegalArgumentException("Device " + id + ", property " + property + ": a reading without value has quality BAD");
            }
            checkText(id, property, text == null ? "" : text);
            long time = reading.timestampMillis() > 0 ? reading.timestampMillis() : now;
            reports.add(new Effects.Report(id, property, new Reading(text, time, reading.quality(), reading.toCloud())));
            TwinState twin = entry.state().twins().get(property);
            MsgTwin.Measured measured = new MsgTwin.Measured(time, reading.quality(), !reading.toCloud());
            if (twin == null || twin.isDeleted() || entry.isUnstored() || !isSame(twin.actual(), text, measured)) {
                request.put(property, MsgTwin.read(text, measured));
            }
        });
        if (!request.isEmpty()) {
            apply(entry, request, fx);
        }
        fx.reports.addAll(reports);
    }

    private static boolean isSame(TwinSide side, String text, MsgTwin.Measured measured) {
        return (text == null || text.equals(side.value())) && side.timestampMillis() == measured.timestampMillis()
                && side.remark().quality() == measured.quality() && side.remark().local() == measured.local();
    }

    /** @throws IllegalArgumentException when there is no such device or property */
    void reportError(DeviceId id, String property, String sentence, Effects fx) {
        DeviceEntry entry = known(id);
        fx.touched.add(entry);
        TwinState twin = entry.state().twins().get(property);
        String type = twin != null && !twin.isDeleted() ? twin.type() : output.declared(entry.state()).get(property);
        if (type == null) {
            throw new IllegalArgumentException("Device " + id + " has no property " + property);
        }
        long now = clock.getAsLong();
        String refused = entry.refusedDesired.get(property); // what the driver took is the value before that one
        String told = sentence.isEmpty() && refused != null ? ObjectEngine.twinError(property, refused) : Remark.sentence(sentence);
        output.apply(entry, TwinRules.error(entry.state().twins(), property, type, told, now), null, "", now, fx);
    }

    /** @throws IllegalArgumentException when there is no such device or state */
    void reportState(DeviceId id, String state, Effects fx) {
        DeviceEntry entry = known(id);
        fx.touched.add(entry);
        if (!StateRules.isKnown(state)) {
            throw new IllegalArgumentException("Device " + id + ": state \"" + state
                    + "\" is none of online, offline, ok, unknown, disconnected, unhealthy");
        }
        if (!state.equals(entry.state().state())) {
            setState(entry, state, null, clock.getAsLong(), fx);
        }
    }

    /** @throws IllegalArgumentException that says what is wrong with device, property or value */
    void setDesired(DeviceId id, String property, String value, Effects fx) {
        DeviceEntry entry = known(id);
        DesiredCheck.check(entry.state(), table.model(entry.state()), output.declared(entry.state()), property, value);
        SortedMap<String, MsgTwin> request = new TreeMap<>();
        request.put(property, MsgTwin.wished(value));
        apply(entry, request, fx);
    }

    private void apply(DeviceEntry entry, SortedMap<String, MsgTwin> request, Effects fx) {
        long now = clock.getAsLong();
        TwinRules.Outcome outcome = TwinRules.local(entry.state().twins(), request, declared(entry), maxTwins, now);
        if (outcome.refusal() != null) {
            throw new IllegalArgumentException("Device " + entry.key() + ", " + request.keySet().stream().limit(MOST_NAMED).toList()
                    + (request.size() > MOST_NAMED ? " and " + (request.size() - MOST_NAMED) + " more: " : ": ") + outcome.refusal());
        }
        output.apply(entry, outcome, null, "", now, fx);
    }

    private DeviceEntry known(DeviceId id) {
        DeviceEntry entry = table.device(id);
        if (entry == null) {
            throw new IllegalArgumentException("There is no device " + id + " on this gateway");
        }
        return entry;
    }
}
