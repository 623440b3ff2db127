package io.kelp.itests.bundles;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/**
 * The one place that knows which bundles a gateway has: it reads {@code features/*.feature.json},
 * as the launcher does, and takes the jars that were laid out for the zip.
 */
final class GatewayFramework {

    private static final int TEST_START_LEVEL = 20;
    /** What Pax Exam needs inside the framework, found on the class path by the start of the file name. */
    private static final List<String> PAX = List.of("pax-exam-4", "pax-exam-inject-", "pax-exam-extender-service-",
            "pax-exam-invoker-junit-", "ops4j-base-1", "pax-swissbox-core-", "pax-swissbox-extender-",
            "pax-swissbox-framework-", "pax-swissbox-lifecycle-", "pax-swissbox-tracker-", "jakarta.inject-api-");

    private GatewayFramework() {}

    /** All of a feature. */
    static Option[] withFeature(String feature) {
        return with(feature, id -> true);
    }

    /** Of our own bundles in a feature only those named, and all libraries. */
    static Option[] withOnly(String feature, String... own) {
        return with(feature, id -> !id.startsWith("io.kelp:") || id.startsWith("io.kelp:slf4j")
                || List.of(own).contains(id.split(":")[1]));
    }

    private static Option[] with(String feature, Predicate<String> wanted) {
        try {
            Path stage = Path.of(System.getProperty("kelp.stage"));
            JsonObject json = JsonParser.parseString(Files.readString(
                    stage.resolve("features/" + feature + ".feature.json"))).getAsJsonObject();
            List<Option> options = new ArrayList<>();
            for (JsonElement each : json.getAsJsonArray("bundles")) {
                JsonObject bundle = each.getAsJsonObject();
                String id = bundle.get("id").getAsString();
                if (wanted.test(id)) {
                    String[] parts = id.split(":");
                    var option = bundle(stage.resolve("bundles/" + parts[1] + "-" + parts[2] + ".jar").toUri().toString())
                            .startLevel(bundle.get("bundleStartLevel").getAsInt());
                    options.add(parts[1].endsWith("-fragment") ? option.noStart() : option);
                }
            }
            json.getAsJsonObject("extensions").getAsJsonObject("framework-launching-properties").getAsJsonObject("json")
                    .asMap().forEach((key, value) -> options.add(frameworkProperty(key).value(value.getAsString())));
            home(stage, options);
            pax(options);
            return options.toArray(Option[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fresh gateway home, ports that are free, no metrics. */
    private static void home(Path stage, List<Option> options) throws IOException {
        Path work = Files.createDirectories(Path.of(System.getProperty("kelp.work")));
        Path home = Files.createTempDirectory(work, "home");
        for (String folder : List.of("etc", "data", "run", "log", "mappers")) {
            Files.createDirectory(home.resolve(folder),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            options.add(frameworkProperty("kelp." + folder).value(home.resolve(folder).toString()));
        }
        Files.writeString(home.resolve("etc/io.kelp.control.json"), "{\"metricsPort\": 0}");
        Files.writeString(home.resolve("etc/io.kelp.broker.json"),
                "{\"port\": " + freePort() + ", \"secondPort\": " + freePort() + "}");
        options.add(frameworkProperty("kelp.home").value(home.toString()));
        options.add(frameworkProperty("kelp.version").value("test"));
        options.add(frameworkProperty("org.osgi.framework.storage").value(home.resolve("run/cache").toString()));
        options.add(systemProperty("org.sqlite.lib.path").value(stage.resolve("lib/native/" + processor()).toString()));
        options.add(systemProperty("org.sqlite.lib.name").value("libsqlitejdbc.so"));
        options.add(systemProperty("org.sqlite.tmpdir").value(home.resolve("run").toString()));
    }

    private static void pax(List<Option> options) {
        String[] classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(":");
        for (String start : PAX) {
            Path jar = Stream.of(classPath).map(Path::of).filter(p -> p.getFileName().toString().startsWith(start))
                    .findFirst().orElseThrow(() -> new IllegalStateException("no " + start + "*.jar on the class path"));
            options.add(bundle(jar.toUri().toString()).startLevel(TEST_START_LEVEL - 1));
        }
        options.add(systemProperty("pax.exam.invoker").value("junit"));
        options.add(frameworkStartLevel(TEST_START_LEVEL));
        String junit = ";version=4.13.2";
        options.add(systemPackages("org.junit" + junit, "org.junit.runner" + junit, "org.junit.runner.manipulation" + junit,
                "org.junit.runner.notification" + junit, "org.junit.runners" + junit, "org.junit.runners.model" + junit,
                "org.junit.internal" + junit, "org.junit.internal.runners" + junit,
                "org.junit.internal.runners.model" + junit, "org.junit.internal.runners.statements" + junit,
                "org.junit.internal.runners.rules" + junit, "org.junit.internal.requests" + junit,
                "org.junit.internal.builders" + junit, "org.junit.rules" + junit, "org.junit.validator" + junit,
                "junit.framework" + junit, "org.hamcrest;version=1.3", "org.hamcrest.core;version=1.3"));
    }

    private static String processor() {
        String arch = System.getProperty("os.arch");
        return Map.of("amd64", "x86_64", "arm", "armv7").getOrDefault(arch, arch);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
