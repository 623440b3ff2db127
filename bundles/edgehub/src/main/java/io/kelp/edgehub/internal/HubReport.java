package io.kelp.edgehub.internal;

import com.google.gson.JsonObject;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.internal.join.Durations;
import io.kelp.edgehub.internal.link.Traffic;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.TimeKeeper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the hub tells operators: status, problems, metrics; and the watchdog, whether its threads work. */
final class HubReport implements StatusSource, MetricSource, LivenessProbe {

    private static final Duration DOWN_TOLERATED = Duration.ofSeconds(30);

    private final EdgeHub hub;
    private final Instant started = Instant.now();

    HubReport(EdgeHub hub) {
        this.hub = hub;
    }

    @Override
    public String name() {
        return "edgehub";
    }

    @Override
    public CompletionStage<Void> probe() {
        return CompletableFuture.runAsync(() -> {}, hub::execute);
    }

    @Override
    public JsonObject status() {
        JsonObject status = new JsonObject();
        status.addProperty("node", hub.nodeName());
        CloudLink.Status now = hub.status();
        JsonObject link = new JsonObject();
        link.addProperty("state", now.state().name());
        link.addProperty("since", now.since().toString());
        link.addProperty("lastError", now.lastError());
        link.addProperty("peer", now.peer() == null ? null : now.peer().name());
        link.addProperty("cloud", hub.settings().cloud() + ":" + hub.settings().hubPort());
        status.add("link", link);
        JsonObject clock = new JsonObject();
        clock.addProperty("now", hub.now().toString());
        clock.addProperty("ownClockAheadSeconds", hub.time().ahead().toSeconds());
        clock.addProperty("wrong", clockWrong());
        status.add("clock", clock);
        Identity identity = hub.identity();
        if (identity != null) {
            JsonObject certificate = new JsonObject();
            certificate.addProperty("notAfter", identity.certificate().getNotAfter().toInstant().toString());
            certificate.addProperty("renewAfter", hub.rotation().due().toString());
            status.add("certificate", certificate);
        }
        return status;
    }

    private boolean clockWrong() {
        return hub.time().ahead().abs().compareTo(TimeKeeper.TOLERATED) > 0;
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        CloudLink.Status now = hub.status();
        if (!hub.trouble().isEmpty()) {
            problems.add(new Problem("NO-IDENTITY", hub.trouble(), "data/certs",
                    "Run \"kelp join --cloud HOST --token TOKEN\", then \"kelp restart\".", started));
        } else if (now.state() != CloudLink.State.CONNECTED
                && Duration.between(now.since(), Instant.now()).compareTo(DOWN_TOLERATED) > 0) {
            problems.add(new Problem("LINK-DOWN", "There is no link to the cloud: " + now.lastError() + ".",
                    hub.settings().cloud() + ":" + hub.settings().hubPort(),
                    "Check the network, and that the cloud service runs; the gateway tries again by itself.", now.since()));
        }
        if (clockWrong()) {
            Duration ahead = hub.time().ahead();
            problems.add(new Problem("CLOCK-WRONG", "The clock of this gateway is " + Durations.inWords(ahead.abs())
                    + (ahead.isNegative() ? " behind" : " ahead of") + " the best time known, " + hub.now() + ".",
                    "", "Set the clock or run an NTP client; the link works meanwhile.", started));
        }
        if (hub.rotation() != null && !hub.rotation().lastError().isEmpty()) {
            problems.add(new Problem("CERTIFICATE-NOT-RENEWED", "The certificate, valid until "
                    + hub.identity().certificate().getNotAfter().toInstant() + ", could not be renewed: "
                    + hub.rotation().lastError() + ".", hub.settings().cloud() + ":" + hub.settings().joinPort(),
                    "Check that the join port can be reached; the gateway tries again by itself.", hub.rotation().due()));
        }
        return problems;
    }

    @Override
    public void collect(Sink sink) {
        CloudLink.Status now = hub.status();
        sink.gauge("kelp_link_connected", "1 while the link to the cloud is up.",
                now.state() == CloudLink.State.CONNECTED ? 1 : 0);
        sink.gauge("kelp_clock_ahead_seconds", "Own clock minus the best time known.", hub.time().ahead().toMillis() / 1000.0);
        if (hub.link() == null) {
            return;
        }
        Traffic traffic = hub.link().traffic();
        sink.counter("kelp_link_connects_total", "Connections made to the cloud.", traffic.connections());
        sink.counter("kelp_link_messages_total", "Messages over the link.", traffic.sentMessages(), "direction", "up");
        sink.counter("kelp_link_messages_total", "Messages over the link.", traffic.receivedMessages(), "direction", "down");
        sink.counter("kelp_link_characters_total", "Length of the messages over the link.", traffic.sentCharacters(), "direction", "up");
        sink.counter("kelp_link_characters_total", "Length of the messages over the link.", traffic.receivedCharacters(), "direction", "down");
        sink.counter("kelp_link_malformed_messages_total", "Messages of the cloud that could not be read.", traffic.malformedMessages());
        sink.counter("kelp_link_unclaimed_messages_total", "Messages of the cloud that no bundle took.", traffic.unclaimedMessages());
        sink.counter("kelp_link_overflowed_messages_total", "Messages dropped because a bundle's queue was full.", traffic.overflowedMessages());
        sink.gauge("kelp_certificate_expiry_seconds", "Unix time at which the certificate ends.",
                hub.identity().certificate().getNotAfter().getTime() / 1000.0);
    }
}
