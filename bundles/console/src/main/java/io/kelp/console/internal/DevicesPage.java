package io.kelp.console.internal;

import io.kelp.devicetwin.DeviceTwins;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The devices at this gateway: desired and reported value of each property, and how old they are. */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp-devices", ServletConstants.PLUGIN_TITLE + "=Devices", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class DevicesPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile DeviceTwins twins;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        DeviceTwins now = twins;
        response.getWriter().print(now == null ? new Html().paragraph("The bundle io.kelp.devicetwin does not run.").toString()
                : page(now.devices(), System.currentTimeMillis()));
    }

    static String page(List<DeviceTwins.Device> devices, long nowMillis) {
        Html html = new Html();
        if (devices.isEmpty()) {
            return html.paragraph("No device is bound to this gateway. A Device object whose node is this gateway appears here.").toString();
        }
        html.table("kelp-devices", "Device", "API", "State", "Property", "Desired", "set", "Reported", "read");
        for (DeviceTwins.Device device : devices) {
            String generation = device.generation().name().toLowerCase(Locale.ROOT);
            if (device.twins().isEmpty()) {
                html.row(device.id().toString(), generation, device.state(), "-", "-", "-", "-", "-");
            }
            for (Map.Entry<String, DeviceTwins.Twin> twin : device.twins().entrySet()) {
                DeviceTwins.Value desired = twin.getValue().desired();
                DeviceTwins.Value reported = twin.getValue().reported();
                html.markup("<tr>").cell(device.id().toString()).cell(generation).cell(device.state())
                        .markup("<td><a href=\"").text(HistoryPage.link(device.id(), twin.getKey())).markup("\">").text(twin.getKey()).markup("</a></td>")
                        .cell(text(desired)).cell(age(desired, nowMillis)).cell(text(reported)).cell(age(reported, nowMillis)).markup("</tr>\n");
            }
        }
        return html.endTable().toString();
    }

    private static String text(DeviceTwins.Value value) {
        return value == null ? "-" : value.text();
    }

    private static String age(DeviceTwins.Value value, long nowMillis) {
        return value == null ? "-" : Html.age(value.timestampMillis(), nowMillis);
    }
}
