package io.kelp.testkit;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A gateway from its zip, driven by {@code bin/kelp} as a user does. */
public final class GatewayProcess implements AutoCloseable {

    private final Path home;
    private final String node;
    private final int mqttPort = Ports.free();
    private Map<String, String> environment = Map.of();

    public GatewayProcess(Path work, String node) {
        this.home = Zips.unpack("distribution", "kelp-gateway", work);
        this.node = node;
        // Several gateways on one machine need ports of their own.
        configure("io.kelp.broker", "{\"port\": " + mqttPort + ", \"secondPort\": -1}");
        configure("io.kelp.control", "{\"metricsPort\": 0}");
    }

    public Path home() {
        return home;
    }

    public String node() {
        return node;
    }

    public int mqttPort() {
        return mqttPort;
    }

    /** Further environment variables of {@code bin/kelp} and what it starts. */
    public GatewayProcess environment(Map<String, String> variables) {
        environment = Map.copyOf(variables);
        return this;
    }

    /** Writes a configuration before the start. */
    public void configure(String pid, String json) {
        try {
            Path etc = home.resolve("etc");
            Files.createDirectories(etc);
            Files.writeString(etc.resolve(pid + ".json"), json + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code bin/kelp}, whatever it says. */
    public Shell.Output kelp(String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/kelp").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(Duration.ofSeconds(60), home, Java.into(new HashMap<>(environment)), command);
    }

    public GatewayProcess join(CloudProcess cloud) {
        kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + cloud.hubPort(), "--join-port", "" + cloud.joinPort(),
                "--token", cloud.token(), "--node", node).orFail();
        return this;
    }

    public GatewayProcess start() {
        kelp("start").orFail();
        return this;
    }

    public JsonObject status() {
        return JsonParser.parseString(kelp("status", "--json").orFail()).getAsJsonObject();
    }

    public String linkState() {
        return status().getAsJsonObject("link").get("state").getAsString();
    }

    public long pid() {
        return status().get("pid").getAsLong();
    }

    /** Ends it as a power cut does: nothing starts it again. */
    public void kill() {
        long pid = pid();
        supervisor().ifPresent(GatewayProcess::kill);
        kill(ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("no process " + pid)));
    }

    /** Ends the Java machine alone, with {@code kill -9}; its supervisor starts it again. Returns the pid that it had. */
    public long crash() {
        long pid = pid();
        kill(ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("no process " + pid)));
        return pid;
    }

    private Optional<ProcessHandle> supervisor() {
        try {
            Path file = Path.of(Files.readString(home.resolve("data/run")).strip()).resolve("supervisor");
            return Files.exists(file) ? ProcessHandle.of(Long.parseLong(Files.readString(file).split(" ")[0])) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        Await.until("process " + process.pid() + " has ended", Duration.ofSeconds(10), () -> !process.isAlive());
    }

    /** Installs the mapper whose jar lies in the zip, for example {@code counter}. */
    public void installMapper(String name) {
        try (var files = Files.list(home.resolve("device-mappers"))) {
            Path jar = files.filter(f -> f.getFileName().toString().contains(name)).filter(f -> f.toString().endsWith(".jar"))
                    .findFirst().orElseThrow(() -> new AssertionError("no mapper " + name + " in the zip"));
            kelp("mapper", "install", jar.toString()).orFail();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kelp("stop");
    }
}
