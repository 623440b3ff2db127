package io.kelp.control.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusReport;
import io.kelp.control.StatusSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts of the status together; a part that fails costs itself, not the rest. */
@Component
public final class StatusAggregator implements StatusReport, MetricSource {

    private static final Logger LOG = LoggerFactory.getLogger(StatusAggregator.class);

    private final BundleContext context;
    private final Whiteboard<StatusSource> sources;
    private final Instant started = Instant.now();
    private final Set<String> complained = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> bundleDownSince = new ConcurrentHashMap<>();

    @Activate
    public StatusAggregator(BundleContext context) {
        this.context = context;
        this.sources = new Whiteboard<>(context, StatusSource.class);
    }

    @Deactivate
    void stop() {
        sources.close();
    }

    @Override
    public JsonObject status() {
        JsonObject all = new JsonObject();
        all.addProperty("running", true);
        all.addProperty("pid", ProcessHandle.current().pid());
        all.addProperty("home", context.getProperty("kelp.home"));
        all.addProperty("version", context.getProperty("kelp.version"));
        all.addProperty("uptimeSeconds", (long) ProcessFigures.uptimeSeconds());
        String restarts = System.getenv("KELP_RESTARTS"); // of bin/kelp, by itself since "kelp start"; not set under systemd
        if (restarts != null && restarts.matches("\\d{1,9}")) {
            all.addProperty("restarts", Integer.parseInt(restarts));
        }
        JsonObject memory = new JsonObject();
        memory.addProperty("residentMiB", ProcessFigures.residentMebibytes());
        memory.addProperty("heapUsedMiB", ProcessFigures.heapUsedMebibytes());
        memory.addProperty("heapMaxMiB", ProcessFigures.heapMaxMebibytes());
        all.add("memory", memory);
        for (StatusSource source : sources.services()) {
            try {
                source.status().entrySet().forEach(member -> add(all, member, source));
            } catch (RuntimeException e) {
                complain(source, e.toString()); // foreign code; the rest of the status is wanted all the same
            }
        }
        members(all);
        JsonArray list = new JsonArray();
        problems().forEach(problem -> list.add(json(problem)));
        all.add("problems", list);
        return all;
    }

    private void add(JsonObject all, Map.Entry<String, JsonElement> member, StatusSource source) {
        if (all.has(member.getKey())) {
            complain(source, "member \"" + member.getKey() + "\" is given twice");
        } else {
            all.add(member.getKey(), member.getValue());
        }
    }

    /** Members that scripts rely on, for when the bundle that knows them is away. */
    private void members(JsonObject all) {
        for (String name : new String[] {"node", "mqttPort"}) {
            if (!all.has(name)) {
                all.add(name, JsonNull.INSTANCE);
            }
        }
        if (!all.has("link")) {
            JsonObject link = new JsonObject();
            link.addProperty("state", "DISCONNECTED");
            link.addProperty("since", started.toString());
            link.addProperty("lastError", "the edge hub does not run");
            link.add("peer", JsonNull.INSTANCE);
            all.add("link", link);
        }
    }

    private void complain(StatusSource source, String what) {
        if (complained.add(source.getClass().getName())) {
            LOG.warn("Status of {} is incomplete: {}", source.getClass().getName(), what);
        }
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>(bundleProblems());
        for (StatusSource source : sources.services()) {
            try {
                problems.addAll(source.problems());
            } catch (RuntimeException e) {
                complain(source, e.toString()); // foreign code, as above
            }
        }
        problems.sort(Comparator.comparing(Problem::code).thenComparing(Problem::where));
        return problems;
    }

    private List<Problem> bundleProblems() {
        List<Problem> problems = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            String name = bundle.getSymbolicName() + " " + bundle.getVersion();
            boolean up = bundle.getState() == Bundle.ACTIVE || bundle.getState() == Bundle.STARTING
                    || bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            if (up) {
                bundleDownSince.remove(name);
            } else {
                problems.add(new Problem("BUNDLE-DOWN", "Bundle " + name + " is not active.", name,
                        "Look for its name in log/kelp.log; restart the gateway, or remove the bundle.",
                        bundleDownSince.computeIfAbsent(name, n -> Instant.now())));
            }
        }
        return problems;
    }

    static JsonObject json(Problem problem) {
        JsonObject json = new JsonObject();
        json.addProperty("code", problem.code());
        json.addProperty("sentence", problem.sentence());
        json.addProperty("where", problem.where());
        json.addProperty("remedy", problem.remedy());
        json.addProperty("since", problem.since().toString());
        return json;
    }

    @Override
    public void collect(Sink sink) {
        Map<String, Integer> byCode = new HashMap<>();
        problems().forEach(problem -> byCode.merge(problem.code(), 1, Integer::sum));
        sink.gauge("kelp_problems", "What an operator should know, see kelp status.", byCode.values().stream().mapToInt(n -> n).sum());
        byCode.forEach((code, count) -> sink.gauge("kelp_problem", "The same by code.", count, "code", code));
    }
}
