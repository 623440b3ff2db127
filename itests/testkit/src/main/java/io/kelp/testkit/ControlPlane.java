package io.kelp.testkit;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Kubernetes API on loopback, used through kubectl: of a real control plane ({@code itests/control-plane.sh}), or of a standalone cloud service. */
public final class ControlPlane implements AutoCloseable {

    private final Path directory;
    private final Path kubeconfig;
    private final String kubectl;
    private final boolean own;

    private ControlPlane(Path directory, Path kubeconfig, String kubectl, boolean own) {
        this.directory = directory;
        this.kubeconfig = kubeconfig;
        this.kubectl = kubectl;
        this.own = own;
    }

    /** The API of a standalone cloud service, which others start and stop. */
    public static ControlPlane of(CloudProcess standalone) {
        return new ControlPlane(standalone.work(), standalone.kubeconfig(), kubectl(), false);
    }

    public static ControlPlane start(Path directory) {
        return start(directory, Map.of());
    }

    /** One that gives up nodes quickly: found silent after 8 s, their pods evicted so many seconds later. */
    public static ControlPlane hasty(Path directory, int evictSeconds) {
        return start(directory, Map.of("EVICT_SECONDS", "" + evictSeconds));
    }

    private static ControlPlane start(Path directory, Map<String, String> environment) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String out = script(environment, Duration.ofMinutes(15), "up", directory.toString());
        String[] lines = out.strip().split("\n");
        return new ControlPlane(directory, Path.of(lines[lines.length - 1]), kubectl(), true);
    }

    private static String kubectl() {
        Path built = Path.of(script(Map.of(), Duration.ofMinutes(15), "build").strip(), "kubectl");
        return built.toFile().canExecute() ? built.toString() : "kubectl";
    }

    private static String script(Map<String, String> environment, Duration limit, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", Zips.top().resolve("itests/control-plane.sh").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(limit, Zips.top(), environment, command).orFail();
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    /** Runs kubectl, whatever it says. */
    public Shell.Output kubectl(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(kubectl, "--kubeconfig", kubeconfig.toString(), "--request-timeout=20s"));
        command.addAll(List.of(arguments));
        return Shell.run(Duration.ofSeconds(60), directory, Map.of(), command, input);
    }

    /** Applies YAML or JSON. */
    public void apply(String manifest) {
        kubectl(manifest, "apply", "-f", "-").orFail();
    }

    public void patch(String namespace, String kind, String name, String mergePatch) {
        kubectl("", "-n", namespace, "patch", kind, name, "--type=merge", "-p", mergePatch).orFail();
    }

    /** One object; empty when it is not there. */
    public Optional<JsonObject> get(String namespace, String kind, String name) {
        Shell.Output out = kubectl("", "-n", namespace, "get", kind, name, "--ignore-not-found", "-o", "json");
        String json = out.orFail();
        return json.isBlank() ? Optional.empty() : Optional.of(JsonParser.parseString(json).getAsJsonObject());
    }

    /** Status of the Ready condition of a Node: True, False, Unknown; empty when there is no Node or condition. */
    public String readiness(String node) {
        return get("default", "node", node).map(n -> {
            for (JsonElement c : n.getAsJsonObject("status").getAsJsonArray("conditions")) {
                if (c.getAsJsonObject().get("type").getAsString().equals("Ready")) {
                    return c.getAsJsonObject().get("status").getAsString();
                }
            }
            return "";
        }).orElse("");
    }

    /** Stops and starts the API server's machine room; its data stays. */
    public void stop() {
        if (!own) {
            throw new IllegalStateException("a standalone cloud service brings this API; stop that");
        }
        script(Map.of(), Duration.ofSeconds(60), "down", directory.toString());
    }

    @Override
    public void close() {
        if (own) {
            stop();
        }
    }
}
