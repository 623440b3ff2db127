package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** {@code kelp pod}: what runs here, why it does not, what it says. */
final class PodCommand {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int LINES = 100;
    private static final int MOST_LINES = 10_000;

    private final PodAgent agent;
    private final PodFolders folders;
    private final Supplier<Instant> now;

    PodCommand(PodAgent agent, PodFolders folders, Supplier<Instant> now) {
        this.agent = agent;
        this.folders = folders;
        this.now = now;
    }

    List<String> usage() {
        return List.of("pod list                                     shows the pods of this gateway",
                "pod describe NAME                            shows one pod; NAME or NAMESPACE/NAME",
                "pod logs NAME [CONTAINER] [--previous] [--tail LINES]   shows what a container has written, 100 lines unless told",
                "pod release NAME|--all                       lets a pod go on whose upgrade is held back");
    }

    Result run(List<String> arguments) {
        String verb = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> rest = arguments.isEmpty() ? List.of() : arguments.subList(1, arguments.size());
        if (verb.equals("list") && rest.isEmpty()) {
            return list();
        }
        if (verb.equals("release") && rest.equals(List.of("--all"))) {
            agent.releaseAll();
            return Result.ok("All pods that are held back go on.");
        }
        if (List.of("describe", "release").contains(verb) && rest.size() == 1 || verb.equals("logs") && !rest.isEmpty()) {
            List<PodAgent.Snapshot> found = find(rest.get(0));
            if (found.size() != 1) {
                return Result.failed(NOT_FOUND, found.isEmpty() ? "There is no pod " + rest.get(0) + " on this gateway; \"kelp pod list\" shows those there are."
                        : "Several pods are called " + rest.get(0) + "; name one as NAMESPACE/NAME.");
            }
            return switch (verb) {
                case "describe" -> PodDescription.of(found.get(0));
                case "release" -> release(found.get(0));
                default -> logs(found.get(0), rest.subList(1, rest.size()));
            };
        }
        return wrong(verb.isEmpty() ? "What shall be done is missing." : "Wrong usage of pod " + verb + ".");
    }

    private Result wrong(String sentence) {
        List<String> lines = new ArrayList<>(List.of(sentence + " Usage:"));
        usage().forEach(line -> lines.add("  kelp " + line));
        return new Result(USAGE, lines);
    }

    private List<PodAgent.Snapshot> find(String name) {
        return agent.pods().stream().filter(p -> p.pod().toString().equals(name) || p.pod().name().equals(name)).toList();
    }

    private Result list() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"});
        for (PodAgent.Snapshot each : agent.pods()) {
            PodSummary summary = PodSummary.of(each);
            Instant start = ContainerState.time(Pod.text(each.status(), "startTime"));
            rows.add(new String[] {each.pod().namespace(), each.pod().name(), summary.ready(), summary.state(),
                    Integer.toString(summary.restarts()), start == null ? "-" : age(Duration.between(start, now.get()))});
        }
        return rows.size() == 1 ? Result.ok("There are no pods on this gateway.") : new Result(0, Columns.of(rows));
    }

    /** As kubectl shows ages: {@code 45s}, {@code 12m}, {@code 5h}, {@code 9d}. */
    static String age(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        return seconds < 120 ? seconds + "s" : seconds < 7200 ? seconds / 60 + "m" : seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
    }

    private Result release(PodAgent.Snapshot pod) {
        JsonObject held = PodStatus.conditionOf(pod.status(), "HeldUpgrade");
        if (held == null || !"True".equals(Pod.text(held, "status"))) {
            return Result.failed(FAILED, "Pod " + pod.pod() + " is not held back.");
        }
        agent.release(pod.pod().namespace(), pod.pod().name());
        return Result.ok("Pod " + pod.pod() + " goes on.");
    }

    private Result logs(PodAgent.Snapshot pod, List<String> options) {
        String container = "";
        boolean previous = false;
        int tail = LINES;
        for (int i = 0; i < options.size(); i++) {
            String option = options.get(i);
            if (option.equals("--previous")) {
                previous = true;
            } else if (option.equals("--tail") && i + 1 < options.size() && options.get(i + 1).matches("[0-9]{1,5}")) {
                tail = Math.min(MOST_LINES, Integer.parseInt(options.get(++i)));
            } else if (container.isEmpty() && !option.startsWith("-")) {
                container = option;
            } else {
                return wrong("\"" + option + "\" is no option of pod logs.");
            }
        }
        List<JsonObject> all = new ArrayList<>(Pod.objects(pod.status(), "containerStatuses"));
        all.addAll(Pod.objects(pod.status(), "initContainerStatuses"));
        String wanted = container;
        JsonObject status = all.stream().filter(c -> wanted.isEmpty() || wanted.equals(Pod.text(c, "name"))).findFirst().orElse(null);
        if (status == null) {
            return Result.failed(NOT_FOUND, "Pod " + pod.pod() + " has no container " + wanted + "; it has "
                    + String.join(", ", all.stream().map(c -> Pod.text(c, "name")).toList()) + ".");
        }
        int attempt = HostPorts.number(status, "restartCount") - (previous ? 1 : 0);
        if (attempt < 0) {
            return Result.failed(NOT_FOUND, "Container " + Pod.text(status, "name") + " was started only once.");
        }
        try {
            return new Result(0, PodFolders.lastLines(folders.log(pod.pod(), Pod.text(status, "name"), attempt), tail));
        } catch (IOException e) {
            return Result.failed(FAILED, "The log cannot be read: " + e.getMessage());
        }
    }
}
