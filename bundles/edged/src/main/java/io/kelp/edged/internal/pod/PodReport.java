package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.control.MetricSource.Sink;
import io.kelp.control.Problem;
import io.kelp.edged.WorkloadContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What operators see of pods: status, problems, metrics. Safe for use by several threads. */
final class PodReport {

    private final PodAgent agent;
    private final Supplier<Instant> now;
    private final Duration tolerated;

    /** @param tolerated how long a pod may fail before it is a problem */
    PodReport(PodAgent agent, Supplier<Instant> now, Duration tolerated) {
        this.agent = agent;
        this.now = now;
        this.tolerated = tolerated;
    }

    JsonObject status() {
        JsonArray list = new JsonArray();
        for (PodAgent.Snapshot each : agent.pods()) {
            JsonObject one = new JsonObject();
            PodSummary summary = PodSummary.of(each);
            one.addProperty("namespace", each.pod().namespace());
            one.addProperty("name", each.pod().name());
            one.addProperty("phase", summary.phase());
            one.addProperty("state", summary.state());
            one.addProperty("ready", summary.ready());
            one.addProperty("restarts", summary.restarts());
            list.add(one);
        }
        JsonObject pods = new JsonObject();
        phases().forEach((phase, count) -> pods.addProperty(phase.toLowerCase(java.util.Locale.ROOT), count));
        pods.add("list", list);
        JsonObject status = new JsonObject();
        status.add("pods", pods);
        return status;
    }

    private Map<String, Integer> phases() {
        Map<String, Integer> phases = new TreeMap<>(Map.of(PodPhase.PENDING, 0, PodPhase.RUNNING, 0, PodPhase.SUCCEEDED, 0, PodPhase.FAILED, 0));
        agent.pods().forEach(each -> phases.merge(PodSummary.of(each).phase(), 1, Integer::sum));
        return phases;
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (PodAgent.Snapshot each : agent.pods()) {
            PodSummary summary = PodSummary.of(each);
            Instant since = summary.unreadySince();
            if (summary.trouble().isEmpty() || since == null || Duration.between(since, now.get()).compareTo(tolerated) < 0) {
                continue;
            }
            problems.add(new Problem("POD-FAILS", "Pod " + each.pod() + " does not run: " + summary.state()
                    + (summary.trouble().equals(summary.state()) ? "" : " (" + summary.trouble() + ")"), each.pod().toString(),
                    "See \"kelp pod describe " + each.pod() + "\" and \"kelp pod logs " + each.pod() + "\".", since));
        }
        return problems;
    }

    void collect(Sink sink) {
        phases().forEach((phase, count) -> sink.gauge("kelp_pods", "Pods of this gateway by phase.", count, "phase", phase));
        for (PodAgent.Snapshot each : agent.pods()) {
            for (JsonObject container : Pod.objects(each.status(), "containerStatuses")) {
                sink.counter("kelp_pod_container_restarts_total", "Restarts of a container since its pod came to this gateway.",
                        HostPorts.number(container, "restartCount"), "namespace", each.pod().namespace(), "pod", each.pod().name(),
                        "container", Pod.text(container, "name"));
            }
            each.running().forEach((container, running) -> usage(sink, each.pod(), container, running.usage()));
        }
    }

    private static void usage(Sink sink, Pod pod, String container, WorkloadContainer.Usage used) {
        String[] labels = {"namespace", pod.namespace(), "pod", pod.name(), "container", container};
        sink.counter("kelp_pod_container_cpu_seconds_total", "Processor time of a container since it was started.", used.cpuNanos() / 1e9, labels);
        sink.counter("kelp_pod_container_allocated_bytes_total", "Heap that a container has allocated since it was started, whether still in use or not.",
                used.allocatedBytes(), labels);
        sink.gauge("kelp_pod_container_threads", "Threads of a container.", used.threads(), labels);
    }
}
