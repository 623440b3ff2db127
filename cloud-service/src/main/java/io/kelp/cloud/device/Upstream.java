package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.message.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what device twins of gateways send (specification section 2.4). A report is confirmed when the
 * API server has it; until then the gateway repeats it, so nothing is lost with this process.
 */
final class Upstream implements UpstreamHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final String TWIN = "twin";
    private static final String TWIN_UPDATED = "/twin/edge_updated";
    private static final String STATE_UPDATED = "/state/update";
    private static final String DETAIL = "membership/detail";
    private static final int MAX_STATE = 256;

    private static final int MAX_EARLY = 10_000;
    private static final int MAX_REFUSALS = 10_000;

    /** A message that came before devices were known. */
    private record Early(NodeSession session, Message message) {}

    private final DeviceDirectory directory;
    private final Function<Device, DeviceReports> reports;
    private final ReportWriter writer;
    private final Downstream downstream;
    private final StockVersions stockVersions;
    private final LongSupplier clock;
    private final Consumer<Device> changed;
    private final BiConsumer<Device, TwinReport> heard;
    private final Queue<Early> early = new ArrayDeque<>();
    private volatile boolean complete;
    private final Map<String, String> refusals = new ConcurrentHashMap<>();

    /**
     * @param changed told after each report that was taken
     * @param heard told what is in it
     */
    Upstream(DeviceDirectory directory, Function<Device, DeviceReports> reports, ReportWriter writer, Downstream downstream,
            StockVersions stockVersions, LongSupplier clock, Consumer<Device> changed, BiConsumer<Device, TwinReport> heard) {
        this.heard = heard;
        this.directory = directory;
        this.reports = reports;
        this.writer = writer;
        this.downstream = downstream;
        this.stockVersions = stockVersions;
        this.clock = clock;
        this.changed = changed;
    }

    @Override
    public boolean claims(Message message) {
        return message.source().equals(TWIN);
    }

    @Override
    public void handle(NodeSession session, Message message) {
        if (!complete) {
            synchronized (early) {
                if (!complete) {
                    if (early.size() < MAX_EARLY) {
                        early.add(new Early(session, message));
                    }
                    return;
                }
            }
        }
        take(session, message);
    }

    /** The caches are filled: what came before is taken first. */
    void complete() {
        synchronized (early) {
            for (Early one = early.poll(); one != null; one = early.poll()) {
                if (one.session().isOpen()) {
                    take(one.session(), one.message());
                }
            }
            complete = true;
        }
    }

    private void take(NodeSession session, Message message) {
        String resource = message.resource();
        if (resource.contains(DETAIL)) {
            membershipAsked(session, message);
        } else if (resource.endsWith(TWIN_UPDATED)) {
            device(session, message, TWIN_UPDATED).ifPresent(device -> twinReported(session, message, device));
        } else if (resource.endsWith(STATE_UPDATED)) {
            device(session, message, STATE_UPDATED).ifPresent(device -> stateReported(session, message, device));
        } else {
            LOG.debug("{} sent a twin message about {}, which means nothing here.", session.node(), resource);
        }
    }

    private void membershipAsked(NodeSession session, Message message) {
        List<Device> devices = directory.devicesOn(session.node()).sorted(DeviceDirectory.BY_AGE).toList();
        session.send(message.withSourceAndGroup(DeviceDirectory.CONTROLLER, TWIN)
                .respond(TwinContents.detail(devices, clock.getAsLong())));
        if (!session.isKelp()) {
            devices.forEach(stockVersions::sent);
        }
    }

    /** The device that a resource names, if the gateway may speak for it. */
    private Optional<Device> device(NodeSession session, Message message, String suffix) {
        String resource = message.resource();
        String[] parts = resource.substring(0, resource.length() - suffix.length()).split("/", -1);
        if (!parts[0].equals("device") || parts.length < 2 || parts.length > 3) {
            refused(session, resource, "its resource is no device");
            return Optional.empty();
        }
        Optional<Device> device = parts.length == 3
                ? directory.device(parts[1], parts[2])
                : directory.deviceByName(session.node(), parts[1]);
        if (device.isEmpty() && parts.length == 2 && directory.existsElsewhere(parts[1])
                || device.isPresent() && !device.get().node().equals(session.node())) {
            refused(session, resource, "that device belongs to another node");
            return Optional.empty();
        }
        if (device.isEmpty()) {
            // Nobody wants the values of a device that is gone; without an answer they would be repeated for ever.
            LOG.debug("{} reported about {}, which does not exist any more.", session.node(), resource);
            confirm(session, message);
        }
        return device;
    }

    private void refused(NodeSession session, String resource, String reason) {
        if (refusals.size() < MAX_REFUSALS && !reason.equals(refusals.put(session.node() + " " + resource, reason))) {
            session.complain("a message about " + resource + " was dropped: " + reason);
        }
    }

    private void twinReported(NodeSession session, Message message, Device device) {
        Optional<TwinReport> report = read(message).flatMap(TwinReport::read);
        if (report.isEmpty()) {
            refused(session, message.resource(), "its content has no twins, or too many or too long ones");
            return;
        }
        if (!session.isKelp() && device.generation() == Generation.CLASSIC) {
            lookForRefusal(device, report.get());
        }
        DeviceReports state = reports.apply(device);
        if (state.report(report.get(), () -> confirm(session, message))) {
            writer.submit(state);
        }
        heard.accept(device, report.get());
        changed.accept(device);
    }

    private void stateReported(NodeSession session, Message message, Device device) {
        JsonObject content = read(message).filter(JsonObject.class::isInstance).map(JsonObject.class::cast).orElseGet(JsonObject::new);
        String state = Json.text(Json.object(content, "device"), "state");
        String lastOnline = Json.text(Json.object(content, "device"), "lastOnlineTime");
        if (state.isEmpty() || state.length() > MAX_STATE || lastOnline.length() > MAX_STATE) {
            refused(session, message.resource(), "its content has no state, or one that is too long");
            return;
        }
        DeviceReports known = reports.apply(device);
        if (known.state(state, lastOnline, () -> confirm(session, message))) {
            writer.submit(known);
        }
        changed.accept(device);
    }

    /** A stock edge that refuses a desired value tells the one it has (specification section 3.6). */
    private void lookForRefusal(Device device, TwinReport report) {
        for (JsonElement element : twinsOf(device)) {
            JsonObject twin = element instanceof JsonObject object ? object : new JsonObject();
            TwinReport.Twin said = report.twins().get(Json.text(twin, "propertyName"));
            if (said == null || said.expected() == null || said.expectedEdge() == 0
                    && said.expectedCloud() <= TwinContents.cloudVersion(device.resourceVersion())) {
                continue;
            }
            boolean differs = !Json.text(said.expected(), "value").equals(Json.text(Json.object(twin, "desired"), "value"));
            if (stockVersions.edgeHas(device, differs && !said.expectedIsFresh())) {
                downstream.replaceTwins(device);
                return;
            }
        }
    }

    private static JsonArray twinsOf(Device device) {
        return Json.array(Json.object(device.tree(), "status"), "twins");
    }

    private static Optional<JsonElement> read(Message message) {
        try {
            return Optional.of(message.contentAsJson());
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    private static void confirm(NodeSession session, Message message) {
        session.sendSoon(message.withSourceAndGroup(DeviceDirectory.CONTROLLER, TWIN).withResource(TWIN).acknowledge());
    }
}
