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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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

    /** All of some features, the base first. */
    static Option[] withFeature(String... features) {
        return with(List.of(features), id -> true, home -> { });
    }

    /** All of some features, the base first, in a home that was prepared. */
    static Option[] withFeature(Consumer<Path> prepare, String... features) {
        return with(List.of(features), id -> true, prepare);
    }

    /** Of our own bundles in a feature only those named, and all libraries. */
    static Option[] withOnly(String feature, String... own) {
        return with(List.of(feature), id -> !id.startsWith("io.kelp:") || id.startsWith("io.kelp:slf4j")
                || List.of(own).contains(id.split(":")[1]), home -> { });
    }

    private static Option[] with(List<String> features, Predicate<String> wanted, Consumer<Path> prepare) {
        List<Option> options = new ArrayList<>();
        for (String feature : features) {
            for (Jar jar : jars(feature)) {
                if (wanted.test(jar.id())) {
                    var option = bundle(jar.location()).startLevel(jar.startLevel());
                    options.add(jar.fragment() ? option.noStart() : option);
                }
            }
        }
        Map<String, String> properties = frameworkProperties(features.get(0));
        prepare.accept(Path.of(properties.get("kelp.home")));
        properties.forEach((key, value) -> options.add(frameworkProperty(key).value(value)));
        systemProperties().forEach((key, value) -> options.add(systemProperty(key).value(value)));
        pax(options);
        return options.toArray(Option[]::new);
    }

    /** The libraries of a feature, and bundles that are found on the class path by the start of their file name. */
    static Option[] withLibrariesAnd(String feature, String... starts) {
        List<Option> options = new ArrayList<>(List.of(withOnly(feature)));
        for (String start : starts) {
            options.add(bundle(onClassPath(start)).startLevel(TEST_START_LEVEL - 1));
        }
        return options.toArray(Option[]::new);
    }

    private static String onClassPath(String start) {
        String[] classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")).split(":");
        return Stream.of(classPath).map(Path::of).filter(p -> p.getFileName().toString().startsWith(start)).findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + start + "*.jar on the class path")).toUri().toString();
    }

    /** A bundle of a feature, {@code id} as {@code group:artifact:version}. */
    record Jar(String id, String location, int startLevel) {
        boolean fragment() {
            return id.split(":")[1].endsWith("-fragment");
        }
    }

    /** The bundles of a feature in its order. */
    static List<Jar> jars(String feature) {
        List<Jar> jars = new ArrayList<>();
        for (JsonElement each : read(feature).getAsJsonArray("bundles")) {
            JsonObject bundle = each.getAsJsonObject();
            String[] parts = bundle.get("id").getAsString().split(":");
            jars.add(new Jar(bundle.get("id").getAsString(),
                    stage().resolve("bundles/" + parts[1] + "-" + parts[2] + ".jar").toUri().toString(),
                    bundle.get("bundleStartLevel").getAsInt()));
        }
        return jars;
    }

    /** What the launcher sets: the feature's own properties, and a fresh home with ports that are free and no metrics. */
    static Map<String, String> frameworkProperties(String feature) {
        Map<String, String> properties = new HashMap<>();
        read(feature).getAsJsonObject("extensions").getAsJsonObject("framework-launching-properties").getAsJsonObject("json")
                .asMap().forEach((key, value) -> properties.put(key, value.getAsString()));
        try {
            home(properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    static Map<String, String> systemProperties() {
        return Map.of("org.sqlite.lib.path", stage().resolve("lib/native/" + processor()).toString(),
                "org.sqlite.lib.name", "libsqlitejdbc.so", "org.sqlite.tmpdir", System.getProperty("kelp.work"));
    }

    private static Path stage() {
        return Path.of(System.getProperty("kelp.stage"));
    }

    private static JsonObject read(String feature) {
        try {
            return JsonParser.parseString(Files.readString(stage().resolve("features/" + feature + ".feature.json"))).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void home(Map<String, String> properties) throws IOException {
        Path work = Files.createDirectories(Path.of(System.getProperty("kelp.work")));
        Path home = Files.createTempDirectory(work, "home");
        for (String folder : List.of("etc", "data", "run", "log", "mappers")) {
            Files.createDirectory(home.resolve(folder),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            properties.put("kelp." + folder, home.resolve(folder).toString());
        }
        Files.writeString(home.resolve("etc/io.kelp.control.json"), "{\"metricsPort\": 0}");
        Files.writeString(home.resolve("etc/io.kelp.broker.json"),
                "{\"port\": " + freePort() + ", \"secondPort\": " + freePort() + "}");
        properties.put("kelp.home", home.toString());
        properties.put("kelp.version", "test");
        properties.put("org.osgi.framework.storage", home.resolve("run/cache").toString());
    }

    private static void pax(List<Option> options) {
        for (String start : PAX) {
            options.add(bundle(onClassPath(start)).startLevel(TEST_START_LEVEL - 1));
        }
        options.add(systemProperty("pax.exam.invoker").value("junit"));
        options.add(frameworkStartLevel(TEST_START_LEVEL));
        String junit = ";version=4.13.2";
        options.add(systemPackages("io.kelp.testkit.cloud", "org.junit" + junit, "org.junit.runner" + junit, "org.junit.runner.manipulation" + junit,
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
