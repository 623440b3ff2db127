package io.kelp.console.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.store.StoreException;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What one property was: {@code ?device=NAMESPACE/NAME&property=NAME&hours=24}, drawn by the gateway, no script needed. */
@Component(service = Servlet.class, property = {
        ServletConstants.PLUGIN_LABEL + "=kelp-history", ServletConstants.PLUGIN_TITLE + "=History", ServletConstants.PLUGIN_CATEGORY + "=Kelp"})
public final class HistoryPage extends AbstractServlet {

    private static final long serialVersionUID = 1L;
    private static final int WIDTH = 900;
    private static final int HEIGHT = 240;
    private static final int POINTS = 300;
    private static final int TEXTS = 100;
    private static final int MOST_HOURS = 87_600;
    private static final int[] SPANS = {1, 6, 24, 168, 720};

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private transient volatile DeviceHistory history;

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        DeviceHistory now = history;
        String device = MappersPage.parameter(request.getQueryString(), "device");
        String property = MappersPage.parameter(request.getQueryString(), "property");
        int slash = device == null ? -1 : device.indexOf('/');
        String page;
        if (now == null) {
            page = new Html().paragraph("The bundle io.kelp.history does not run.").toString();
        } else if (slash < 0 || property == null) {
            page = new Html().paragraph("Choose a property on the page Devices.").toString();
        } else {
            int hours = hours(MappersPage.parameter(request.getQueryString(), "hours"));
            long to = System.currentTimeMillis() + 1;
            long from = to - hours * 3_600_000L;
            DeviceId id = new DeviceId(device.substring(0, slash), device.substring(slash + 1));
            try {
                page = page(id, property, now.points(id, property, from, to, POINTS), from, to, hours);
            } catch (StoreException e) {
                page = new Html().paragraph("The history cannot be read: " + e.getMessage()).toString();
            }
        }
        response.getWriter().print(page);
    }

    /** Address of the page of a property, relative to the other pages. */
    static String link(DeviceId device, String property) {
        return "kelp-history?device=" + URLEncoder.encode(device.toString(), StandardCharsets.UTF_8)
                + "&property=" + URLEncoder.encode(property, StandardCharsets.UTF_8);
    }

    private static int hours(String text) {
        return text != null && text.matches("[1-9][0-9]{0,4}") ? Math.min(MOST_HOURS, Integer.parseInt(text)) : 24;
    }

    static String page(DeviceId device, String property, List<Point> points, long from, long to, int hours) {
        Html html = new Html().heading(property + " of " + device);
        html.markup("<p>");
        for (int span : SPANS) {
            html.markup("<a href=\"").text(link(device, property) + "&hours=" + span).markup("\">")
                    .text(span < 48 ? span + " h" : span / 24 + " d").markup(span == hours ? "</a> (shown) " : "</a> ");
        }
        html.markup("</p>\n");
        List<Point> numbers = points.stream().filter(point -> point.text() == null).toList();
        List<Point> texts = points.stream().filter(point -> point.text() != null).toList();
        if (points.isEmpty()) {
            html.paragraph("Nothing was reported in this time.");
        }
        if (!numbers.isEmpty()) {
            graph(html, numbers, from, to);
        }
        if (!texts.isEmpty()) {
            html.table("kelp-history", "From", "Values", "Last");
            texts.subList(Math.max(0, texts.size() - TEXTS), texts.size())
                    .forEach(point -> html.row(time(point.fromMillis()), Integer.toString(point.count()), point.text()));
            html.endTable();
        }
        return html.toString();
    }

    /** A band from minimum to maximum and the mean in it; where nothing came for long the line is cut. */
    private static void graph(Html html, List<Point> points, long from, long to) {
        double least = points.stream().mapToDouble(Point::minimum).min().orElseThrow();
        double most = points.stream().mapToDouble(Point::maximum).max().orElseThrow();
        double height = most > least ? most - least : 1;
        long hole = 5 * Math.max(1, (to - from) / POINTS);
        StringBuilder band = new StringBuilder();
        StringBuilder line = new StringBuilder();
        long before = Long.MIN_VALUE / 2;
        for (Point point : points) {
            double x = (double) (point.fromMillis() - from) / (to - from) * WIDTH;
            line.append(String.format(Locale.ROOT, "%s%.1f %.1f ", point.fromMillis() - before > hole ? "M" : "L", x, y(point.mean(), least, height)));
            if (point.fromMillis() - before > hole) {
                line.append(String.format(Locale.ROOT, "h%.1f ", 0.5)); // one point alone is a dot
            }
            band.append(String.format(Locale.ROOT, "M%.1f %.1fV%.1f", x, y(point.minimum(), least, height), y(point.maximum(), least, height)));
            before = point.fromMillis();
        }
        html.markup("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" style=\"width:100%;max-width:" + WIDTH + "px;background:#fff;border:1px solid #ccc\" role=\"img\">"
                + "<path d=\"" + band + "\" stroke=\"#9cc4e8\" stroke-width=\"" + Math.max(1, WIDTH / POINTS) + "\" fill=\"none\"/>"
                + "<path d=\"" + line + "\" stroke=\"#1763a6\" stroke-width=\"1.5\" fill=\"none\"/></svg>\n");
        html.paragraph(number(least) + " to " + number(most) + ", last " + number(points.get(points.size() - 1).mean())
                + " at " + time(points.get(points.size() - 1).fromMillis()) + "; from " + time(from) + " to " + time(to));
    }

    private static double y(double value, double least, double height) {
        return HEIGHT - 8 - (value - least) / height * (HEIGHT - 16);
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toString();
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
