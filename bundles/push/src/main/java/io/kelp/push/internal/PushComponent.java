package io.kelp.push.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand.Result;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.DeviceListener;
import io.kelp.devicetwin.DeviceVerb;
import io.kelp.eventbus.client.TlsFiles;
import io.kelp.store.Store;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLSocketFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pushes reported values to where the devices' {@code pushMethod} says. */
@Component(configurationPid = "io.kelp.push", immediate = true, service = {StatusSource.class, MetricSource.class, DeviceVerb.class})
@Designate(ocd = PushConfig.class)
public final class PushComponent implements DeviceListener, StatusSource, MetricSource, DeviceVerb {

    private static final Logger LOG = LoggerFactory.getLogger(PushComponent.class);

    private final DeviceTwins twins;
    private final PushEngine engine;
    private final Map<String, Instant> problemsSince = new ConcurrentHashMap<>();
    private final List<AutoCloseable> watches = new ArrayList<>();

    @Activate
    public PushComponent(PushConfig config, @Reference Store store, @Reference DeviceTwins twins) {
        this.twins = twins;
        Payloads payloads = new Payloads(config.format().equals("json"), ZoneId.systemDefault());
        SSLSocketFactory sockets = sockets(config.caFile());
        engine = new PushEngine(store, payloads, (destination, deadlines) -> sender(destination, payloads, sockets, deadlines),
                new Destination.Limits(config.capacity(), Duration.ofHours(config.purgeHours()), config.inFlight(), config.ratePerSecond(),
                        Duration.ofMillis(config.firstPauseMillis()), Duration.ofMillis(Math.max(config.firstPauseMillis(), config.longestPauseMillis()))),
                config.mostDestinations(), config.threads(), config.timeoutMillis(), System::currentTimeMillis);
    }

    private static Sender sender(String destination, Payloads payloads, SSLSocketFactory sockets, ScheduledThreadPoolExecutor deadlines) {
        return destination.startsWith("http") ? new HttpSender(payloads, sockets, deadlines) : new MqttSender(destination, payloads, sockets);
    }

    private static SSLSocketFactory sockets(String file) {
        try {
            return TlsFiles.sockets(file, "", "");
        } catch (IOException | GeneralSecurityException e) {
            // Never weaker than asked for: without these authorities nothing on TLS is sent.
            throw new IllegalStateException("io.kelp.push: caFile " + file + " cannot be used: " + e.getMessage() + "; correct the configuration", e);
        }
    }

    @Activate
    void start() {
        engine.start();
        watches.add(twins.watch(this));
        watches.add(twins.watchReports(engine::reported));
    }

    @Deactivate
    void stop() {
        for (AutoCloseable watch : watches) {
            try {
                watch.close();
            } catch (Exception e) { // AutoCloseable declares no narrower one
                LOG.warn("A watch on the twins did not close", e);
            }
        }
        engine.stop();
    }

    @Override
    public void changed(Device device) {
        engine.changed(device);
    }

    @Override
    public void removed(DeviceId id) {
        engine.removed(id);
    }

    @Override
    public String verb() {
        return "push";
    }

    @Override
    public List<String> usage() {
        return List.of("device push NAME                   shows where values are pushed to, and what waits");
    }

    @Override
    public Result run(Device device, List<String> arguments) {
        Map<String, List<String>> properties = new TreeMap<>();
        engine.targets(device.id()).forEach((property, targets) -> targets.forEach(target ->
                properties.computeIfAbsent(target.destination(), d -> new ArrayList<>()).add(property + " " + target.path())));
        if (properties.isEmpty()) {
            return Result.ok("No property of " + device.id() + " is pushed anywhere.");
        }
        List<String> lines = new ArrayList<>();
        Map<String, Destination.Report> reports = new TreeMap<>();
        engine.reports().forEach(report -> reports.put(report.name(), report));
        properties.forEach((destination, of) -> {
            Destination.Report report = reports.get(destination);
            lines.add(destination + (report == null ? "  nothing sent yet" : "  " + line(report)));
            of.forEach(each -> lines.add("  " + each));
        });
        return new Result(0, lines);
    }

    private static String line(Destination.Report report) {
        return report.waiting() + " wait" + (report.oldestMillis() > 0 ? ", the oldest since " + Instant.ofEpochMilli(report.oldestMillis()) : "")
                + "; " + report.sent() + " sent, " + report.refused() + " refused, " + report.purged() + " too old, " + report.overflowed() + " too many"
                + (report.lastError().isEmpty() ? "" : "; last error: " + report.lastError());
    }

    @Override
    public JsonObject status() {
        JsonArray list = new JsonArray();
        for (Destination.Report report : engine.reports()) {
            JsonObject each = new JsonObject();
            each.addProperty("destination", report.name());
            each.addProperty("waiting", report.waiting());
            each.addProperty("sent", report.sent());
            each.addProperty("refused", report.refused());
            each.addProperty("dropped", report.purged() + report.overflowed());
            if (report.oldestMillis() > 0) {
                each.addProperty("oldest", Instant.ofEpochMilli(report.oldestMillis()).toString());
            }
            if (!report.lastError().isEmpty()) {
                each.addProperty("lastError", report.lastError());
            }
            list.add(each);
        }
        JsonObject status = new JsonObject();
        status.add("push", list);
        return status;
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        engine.faults().forEach(fault -> problems.add(problem("PUSH-CONFIG", fault, fault.substring(0, fault.indexOf(':')), "correct the Device")));
        for (Destination.Report report : engine.reports()) {
            if (report.failing()) {
                problems.add(problem("PUSH-WAITS", report.waiting() + " values wait: " + report.lastError(), report.name(),
                        "see whether the destination works and can be reached from the gateway"));
            }
            if (report.refused() > 0) {
                problems.add(problem("PUSH-REFUSED", report.refused() + " values were refused for good and dropped; last error: " + report.lastError(),
                        report.name(), "correct hostName, requestPath or topic in the Device, or what the destination accepts"));
            }
            if (report.purged() + report.overflowed() > 0) {
                problems.add(problem("PUSH-DROPPED", report.purged() + " values were too old and " + report.overflowed() + " too many and are dropped",
                        report.name(), "raise purgeHours or capacity of io.kelp.push, or see why the destination does not take them"));
            }
        }
        if (engine.withoutDestination() > 0) {
            problems.add(problem("PUSH-DESTINATIONS", "there are too many destinations; " + engine.withoutDestination() + " values were not queued",
                    "io.kelp.push mostDestinations", "raise mostDestinations or name fewer"));
        }
        if (engine.unqueued() > 0) {
            problems.add(problem("PUSH-QUEUE", engine.unqueued() + " values could not be queued because the disk is behind", "series.db", "look at the disk"));
        }
        problemsSince.keySet().retainAll(problems.stream().map(problem -> problem.code() + problem.where()).toList());
        return problems;
    }

    private Problem problem(String code, String sentence, String where, String remedy) {
        return new Problem(code, sentence, where, remedy, problemsSince.computeIfAbsent(code + where, key -> Instant.now()));
    }

    @Override
    public void collect(Sink sink) {
        for (Destination.Report report : engine.reports()) {
            String of = report.name();
            sink.counter("kelp_push_sent_total", "Values that destinations took.", report.sent(), "destination", of);
            sink.counter("kelp_push_refused_total", "Values refused for good.", report.refused(), "destination", of);
            sink.counter("kelp_push_purged_total", "Values dropped because they waited too long.", report.purged(), "destination", of);
            sink.counter("kelp_push_overflowed_total", "Values overwritten because too many waited.", report.overflowed(), "destination", of);
            sink.counter("kelp_push_retries_total", "Attempts that failed and are repeated.", report.retries(), "destination", of);
            sink.gauge("kelp_push_waiting", "Values that wait.", report.waiting(), "destination", of);
            sink.gauge("kelp_push_in_flight", "Values being sent.", report.inFlight(), "destination", of);
        }
        sink.counter("kelp_push_unqueued_total", "Values that could not be queued.", engine.unqueued() + engine.withoutDestination());
    }
}
