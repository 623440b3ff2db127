package io.kelp.console.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.control.Problem;
import io.kelp.control.StatusReport;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Problems, link and node: what {@code kelp status} tells. */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp", ServletConstants.PLUGIN_TITLE + "=Gateway", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class OverviewPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;

    private final transient StatusReport report;

    @Activate
    public OverviewPage(@Reference StatusReport report) {
        this.report = report;
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(page(report.status(), report.problems()));
    }

    static String page(JsonObject status, List<Problem> problems) {
        Html html = new Html();
        html.heading("Problems");
        if (problems.isEmpty()) {
            html.paragraph("None.");
        } else {
            html.table("kelp-problems", "Code", "What is wrong", "Where", "Remedy", "Since");
            problems.forEach(p -> html.row(p.code(), p.sentence(), p.where(), p.remedy(), p.since().toString()));
            html.endTable();
        }
        html.heading("Link to the cloud").table("kelp-link", "", "");
        rows(html, "", status.get("link"));
        html.endTable();
        html.heading("Gateway").table("kelp-gateway", "", "");
        for (Map.Entry<String, JsonElement> member : status.entrySet()) {
            if (!member.getKey().equals("link") && !member.getKey().equals("problems")) {
                rows(html, member.getKey(), member.getValue());
            }
        }
        return html.endTable().toString();
    }

    /** A row per value; members of objects by their path. */
    private static void rows(Html html, String name, JsonElement value) {
        if (value != null && value.isJsonObject()) {
            value.getAsJsonObject().entrySet()
                    .forEach(member -> rows(html, name.isEmpty() ? member.getKey() : name + "." + member.getKey(), member.getValue()));
        } else if (value == null || value.isJsonNull()) {
            html.row(name, "-");
        } else {
            html.row(name, value.isJsonPrimitive() ? value.getAsString() : value.toString());
        }
    }
}
