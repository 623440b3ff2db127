package io.kelp.control.internal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand;
import io.kelp.control.StatusReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code kelp status}. */
@Component
public final class StatusCommand implements ControlCommand {

    private static final Set<String> SHOWN_ABOVE =
            Set.of("running", "pid", "home", "version", "uptimeSeconds", "memory", "node", "link", "mqttPort", "problems");

    private final StatusReport report;
    private final Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    @Activate
    public StatusCommand(@Reference StatusReport report) {
        this.report = report;
    }

    @Override
    public String name() {
        return "status";
    }

    @Override
    public List<String> usage() {
        return List.of("status [--json]     how the gateway is: link, node, problems");
    }

    @Override
    public Result run(List<String> arguments) {
        if (arguments.isEmpty()) {
            return new Result(0, lines(report.status()));
        }
        if (arguments.equals(List.of("--json"))) {
            return Result.ok(gson.toJson(report.status()));
        }
        return Result.failed(2, "usage: kelp status [--json]");
    }

    private List<String> lines(JsonObject status) {
        List<String> lines = new ArrayList<>();
        JsonObject memory = status.getAsJsonObject("memory");
        lines.add(line("gateway", "running, pid " + text(status, "pid") + ", version " + text(status, "version") + ", up "
                + duration(status.get("uptimeSeconds").getAsLong())));
        lines.add(line("home", text(status, "home")));
        lines.add(line("node", text(status, "node")));
        lines.add(line("link", link(status.get("link"))));
        lines.add(line("mqtt", mqtt(status.get("mqttPort"))));
        lines.add(line("memory", text(memory, "residentMiB") + " MiB, heap " + text(memory, "heapUsedMiB") + " of "
                + text(memory, "heapMaxMiB") + " MiB"));
        for (Map.Entry<String, JsonElement> member : status.entrySet()) {
            if (!SHOWN_ABOVE.contains(member.getKey())) {
                String name = member.getKey();
                for (JsonElement value : each(member.getValue())) {
                    lines.add(line(name, shown(value)));
                    name = "";
                }
            }
        }
        lines.addAll(problems(status));
        return lines;
    }

    /** Of a list of objects each gets a line of its own. */
    private static Iterable<JsonElement> each(JsonElement value) {
        boolean objects = value.isJsonArray() && !value.getAsJsonArray().isEmpty()
                && value.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonObject);
        return objects ? value.getAsJsonArray() : List.of(value);
    }

    private String shown(JsonElement value) {
        if (value.isJsonPrimitive()) {
            return value.getAsString();
        }
        if (!value.isJsonObject() || !value.getAsJsonObject().asMap().values().stream().allMatch(JsonElement::isJsonPrimitive)) {
            return gson.toJson(value);
        }
        return value.getAsJsonObject().entrySet().stream().map(member -> member.getKey() + " " + member.getValue().getAsString())
                .collect(Collectors.joining(", "));
    }

    private static String link(JsonElement element) {
        if (!element.isJsonObject()) {
            return element.toString();
        }
        JsonObject link = element.getAsJsonObject();
        String error = text(link, "lastError");
        String peer = text(link, "peer");
        return text(link, "state") + (peer.equals("-") ? "" : " to " + peer) + " since " + text(link, "since")
                + (error.equals("-") || error.isEmpty() ? "" : "; last error: " + error);
    }

    private static String mqtt(JsonElement port) {
        if (!port.isJsonPrimitive()) {
            return "-";
        }
        return port.getAsString().equals("-1") ? "no port here (an external broker, or see the problems)" : "port " + port.getAsString();
    }

    private static List<String> problems(JsonObject status) {
        List<String> lines = new ArrayList<>();
        if (status.getAsJsonArray("problems").isEmpty()) {
            lines.add(line("problems", "none"));
        }
        for (JsonElement element : status.getAsJsonArray("problems")) {
            JsonObject problem = element.getAsJsonObject();
            lines.add(line("problem", text(problem, "code") + ": " + text(problem, "sentence") + place(problem)));
            lines.add(line("", text(problem, "remedy") + " (since " + text(problem, "since") + ")"));
        }
        return lines;
    }

    /** What the problem is about, unless its sentence has said so. */
    private static String place(JsonObject problem) {
        String where = text(problem, "where");
        return where.isEmpty() || where.equals("-") || text(problem, "sentence").contains(where) ? "" : " (" + where + ")";
    }

    private static String text(JsonObject object, String member) {
        JsonElement value = object.get(member);
        return value == null || value.isJsonNull() ? "-" : value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    private static String line(String name, String value) {
        return name + " ".repeat(Math.max(1, 11 - name.length())) + value;
    }

    private static String duration(long seconds) {
        Duration d = Duration.ofSeconds(seconds);
        if (d.toDays() > 0) {
            return d.toDays() + " d " + d.toHoursPart() + " h";
        }
        return d.toHours() > 0 ? d.toHours() + " h " + d.toMinutesPart() + " min" : d.toMinutes() > 0
                ? d.toMinutes() + " min " + d.toSecondsPart() + " s" : d.toSeconds() + " s";
    }
}
