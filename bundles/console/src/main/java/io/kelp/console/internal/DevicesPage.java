package io.kelp.console.internal;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.SuggestedProperty;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The devices at this gateway: desired and reported value of each property, how their connections are doing, and, asked for by
 * {@code ?discover=NAMESPACE/NAME}, what a device says it has.
 */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp-devices", ServletConstants.PLUGIN_TITLE + "=Devices", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class DevicesPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile DeviceTwins twins;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile MapperHealth health;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile DeviceCalls calls;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        DeviceTwins now = twins;
        MapperHealth mappers = health;
        String asked = MappersPage.parameter(request.getQueryString(), "discover");
        String page;
        if (asked != null && asked.indexOf('/') > 0) {
            page = discover(asked.substring(0, asked.indexOf('/')), asked.substring(asked.indexOf('/') + 1));
        } else if (now == null) {
            page = new Html().paragraph("The bundle io.kelp.devicetwin does not run.").toString();
        } else {
            page = page(now.devices(), mappers == null ? List.of() : mappers.devices(), System.currentTimeMillis());
        }
        response.getWriter().print(page);
    }

    static String page(List<DeviceTwins.Device> devices, List<DeviceHealth> driven, long nowMillis) {
        Html html = new Html();
        if (devices.isEmpty()) {
            return html.paragraph("No device is bound to this gateway. A Device object whose node is this gateway appears here.").toString();
        }
        html.table("kelp-devices", "Device", "API", "State", "Property", "Desired", "set", "Reported", "read", "Note");
        for (DeviceTwins.Device device : devices) {
            String generation = device.generation().name().toLowerCase(Locale.ROOT);
            int rows = Math.max(1, device.twins().size());
            html.markup("<tr>").cells(rows, device.id().toString(), generation, device.state());
            if (device.twins().isEmpty()) {
                html.cell("-").cell("-").cell("-").cell("-").cell("-").cell("").markup("</tr>\n");
            }
            String begin = "";
            for (Map.Entry<String, DeviceTwins.Twin> twin : device.twins().entrySet()) {
                DeviceTwins.Value desired = twin.getValue().desired();
                DeviceTwins.Value reported = twin.getValue().reported();
                html.markup(begin).markup("<td><a href=\"").text(HistoryPage.link(device.id(), twin.getKey())).markup("\">").text(twin.getKey())
                        .markup("</a></td>").cell(text(desired)).cell(age(desired, nowMillis)).cell(text(reported)).cell(age(reported, nowMillis))
                        .cell(note(twin.getValue())).markup("</tr>\n");
                begin = "<tr>";
            }
        }
        html.endTable().paragraph("A property leads to what it was.");
        return driven.isEmpty() ? html.toString() : html.toString() + connections(driven, nowMillis);
    }

    private static String connections(List<DeviceHealth> driven, long nowMillis) {
        Html html = new Html().heading("Connections").table("kelp-connections", "Device", "Protocol", "Connection", "for", "Reads", "failed",
                "Writes", "failed", "Reported", "Missed", "Last trouble", "");
        for (DeviceHealth each : driven) {
            html.markup("<tr>").cell(each.device()).cell(each.protocol().isEmpty() ? "-" : each.protocol())
                    .cell(each.state().name().toLowerCase(Locale.ROOT).replace('_', ' ')).cell(Html.age(each.since().toEpochMilli(), nowMillis))
                    .numbers(each.reads(), each.readErrors(), each.writes(), each.writeErrors(), each.reports(), each.missedPolls())
                    .cell(each.lastError()).markup("<td>");
            if (each.state() == DeviceHealth.State.ONLINE) {
                html.markup("<a href=\"").text("kelp-devices?discover=" + URLEncoder.encode(each.device(), StandardCharsets.UTF_8))
                        .markup("\">what it has</a>");
            }
            html.markup("</td></tr>\n");
        }
        return html.endTable().paragraph("Counted since the device got its mapper; missed are cycles in which device or bus was busy.").toString();
    }

    private String discover(String namespace, String device) throws IOException {
        DeviceCalls now = calls;
        Html html = new Html().heading("What " + namespace + "/" + device + " says it has");
        if (now == null) {
            return html.paragraph("The bundle io.kelp.mapper does not run.").toString();
        }
        try {
            return suggestions(html, now.discover(namespace, device, PATIENCE).toCompletableFuture().get(PATIENCE.toMillis() + 1000, TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            return html.paragraph("The device was not asked or did not say: " + e.getCause().getMessage() + ".").toString();
        } catch (TimeoutException e) {
            return html.paragraph("The device did not answer within " + PATIENCE.toSeconds() + " s.").toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the gateway is stopping", e);
        }
    }

    static String suggestions(Html html, List<SuggestedProperty> found) {
        if (found.isEmpty()) {
            return html.paragraph("It names nothing.").toString();
        }
        html.paragraph("Name, type and access are guesses; the last column is what visitors.configData of the Device has to say.")
                .table("kelp-suggestions", "Property", "Type", "Access", "Description", "Visitor");
        found.forEach(each -> html.row(each.name(), each.type().name(), each.access().name(), each.description(), each.visitor().toString()));
        return html.endTable().toString();
    }

    private static String note(DeviceTwins.Twin twin) {
        String quality = twin.reported() == null || twin.reported().quality() == DeviceTwins.Quality.GOOD ? ""
                : "quality " + twin.reported().quality().name().toLowerCase(Locale.ROOT);
        return twin.error().isEmpty() ? quality : quality.isEmpty() ? twin.error() : quality + "; " + twin.error();
    }

    private static String text(DeviceTwins.Value value) {
        return value == null ? "-" : value.text();
    }

    private static String age(DeviceTwins.Value value, long nowMillis) {
        return value == null ? "-" : Html.age(value.timestampMillis(), nowMillis);
    }
}
