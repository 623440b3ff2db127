package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the messages of the cloud apart (device specification, sections 2.2 and 3.7). Pure but for the
 * {@link DeviceTable}; belongs to one thread.
 */
final class CloudEngine {

    static final String UNKNOWN_DEVICE = "update rejected due to the device is not existed";
    private static final String CLOUD_NOT_JSON = "unmarshal update request body failed, Please check the request";
    private static final String DEVICE = "device";
    private static final String MODEL = "devicemodel";

    private static final Logger LOG = LoggerFactory.getLogger(CloudEngine.class);

    private final DeviceTable table;
    private final TwinOutput output;
    private final ValueRules rules;
    private final LongSupplier clock;
    private final MembershipEngine membership;
    private final ObjectEngine objects;

    private boolean stockCloud;
    private String lastRefusal = "";

    CloudEngine(DeviceTable table, ValueRules rules, int maxDevices, Supplier<String> node, LongSupplier clock) {
        this.table = table;
        this.output = new TwinOutput(table);
        this.rules = rules;
        this.clock = clock;
        this.membership = new MembershipEngine(table, output, maxDevices, node, clock);
        this.objects = new ObjectEngine(table, output, membership, clock);
    }

    void peer(boolean isStockCloud) {
        stockCloud = isStockCloud;
        objects.peer(isStockCloud);
    }

    static boolean claims(Message message) {
        if (message.group().equals("twin")) {
            return true;
        }
        return message.group().equals("resource") && !message.isAnswer() && ResourcePath.parse(message.resource())
                .filter(path -> path.type().equals(DEVICE) || path.type().equals(MODEL)).isPresent();
    }

    /** A message that {@link #claims} has accepted and that confirms nothing. */
    void message(Message message, Effects fx) throws MalformedMessageException {
        if (message.group().equals("twin")) {
            twinMessage(message, fx);
            return;
        }
        ResourcePath path = ResourcePath.parse(message.resource())
                .orElseThrow(() -> new MalformedMessageException("\"" + message.resource() + "\" is no resource of a device"));
        if (path.name().isEmpty()) {
            throw new MalformedMessageException("\"" + path + "\" names no object");
        }
        boolean delete = message.operation().equals(Operation.DELETE);
        JsonObject content = delete && message.content().isJsonNull() ? new JsonObject() : MessageCodec.object(message);
        if (path.type().equals(MODEL)) {
            objects.model(path, content, delete, fx);
        } else if (delete) {
            objects.deleteDevice(new DeviceId(path.namespace(), path.name()), ObjectEngine.uid(content), fx);
        } else {
            objects.device(new DeviceId(path.namespace(), path.name()), content, fx);
        }
    }

    private void twinMessage(Message message, Effects fx) throws MalformedMessageException {
        String resource = message.resource();
        if (resource.startsWith("device/") && resource.endsWith("/twin/cloud_updated")) {
            String id = resource.substring("device/".length(), resource.length() - "/twin/cloud_updated".length());
            cloudUpdated(id, MessageCodec.object(message).toString().getBytes(StandardCharsets.UTF_8), fx);
        } else if (resource.contains("membership/detail")) {
            JsonObject content = MessageCodec.object(message);
            Set<DeviceEntry> listed = new HashSet<>();
            for (JsonElement device : DeviceObject.array(content, "devices")) {
                listed.add(membership.add(device, fx));
            }
            // Between Kelp halves the inventory rules over devices that have an object.
            new ArrayList<>(table.devices()).stream().filter(entry -> !listed.contains(entry))
                    .filter(entry -> stockCloud || entry.state().uid().isEmpty()).forEach(entry -> membership.remove(entry, null, fx));
        } else if (resource.contains("membership")) {
            JsonObject content = MessageCodec.object(message);
            for (JsonElement device : DeviceObject.array(content, "added_devices")) {
                membership.add(device, fx);
            }
            for (JsonElement device : DeviceObject.array(content, "removed_devices")) {
                DeviceEntry entry = device.isJsonObject() ? table.byTopic(DeviceObject.text(device.getAsJsonObject(), "id")) : null;
                if (entry != null) {
                    membership.remove(entry, device.getAsJsonObject(), fx);
                }
            }
        } else if (!message.isAnswer()) {
            LOG.debug("Nothing to do for {} {}", message.operation(), resource);
        }
    }

    /** {@code twin/cloud_updated}, by the cloud or, as some tools do, by an MQTT client. */
    void cloudUpdated(String id, byte[] payload, Effects fx) {
        long now = clock.getAsLong();
        TwinRequest request;
        try {
            request = TwinRequest.parse(payload, rules);
        } catch (TwinRequest.Refused e) {
            if (!e.getMessage().equals(lastRefusal)) {
                lastRefusal = e.getMessage(); // once, not with each repetition
                LOG.warn("Message cloud_updated for device {} refused: {}", id, e.getMessage());
            }
            fx.publish(TwinOutput.topic("", "/twin/update/result"), TwinPayloads.error("", now, 400, CLOUD_NOT_JSON));
            return;
        }
        DeviceEntry entry = table.byTopic(id);
        if (entry == null) {
            fx.publish(TwinOutput.topic(id, "/twin/update/result"), TwinPayloads.error(request.eventId(), now, 404, UNKNOWN_DEVICE));
            return;
        }
        TwinRules.Outcome outcome = TwinRules.cloud(entry.state().twins(), request.twins(), now);
        output.apply(entry, outcome, null, request.eventId(), now, fx);
    }

    /** See {@link ObjectEngine#compare}. */
    void compare(DeviceEntry entry, Effects fx) {
        objects.compare(entry, fx);
    }
}
