package io.kelp.console.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.control.StatusReport;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The pods of the gateway, as {@code kelp pod list} shows them. */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp-pods", ServletConstants.PLUGIN_TITLE + "=Pods", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class PodsPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;

    private final transient StatusReport report;

    @Activate
    public PodsPage(@Reference StatusReport report) {
        this.report = report;
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(page(report.status()));
    }

    static String page(JsonObject status) {
        if (!(status.get("pods") instanceof JsonObject pods) || !(pods.get("list") instanceof JsonArray list)) {
            return new Html().paragraph("The bundle io.kelp.edged does not run.").toString();
        }
        Html html = new Html();
        if (list.isEmpty()) {
            return html.paragraph("No pods.").toString();
        }
        html.table("kelp-pods", "Namespace", "Name", "Phase", "State", "Ready", "Restarts");
        for (JsonElement each : list) {
            JsonObject pod = each.getAsJsonObject();
            html.row(text(pod, "namespace"), text(pod, "name"), text(pod, "phase"), text(pod, "state"), text(pod, "ready"), text(pod, "restarts"));
        }
        return html.endTable().paragraph("More of one: kelp pod describe NAMESPACE/NAME, kelp pod logs NAMESPACE/NAME.").toString();
    }

    private static String text(JsonObject pod, String member) {
        JsonElement value = pod.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "-";
    }
}
