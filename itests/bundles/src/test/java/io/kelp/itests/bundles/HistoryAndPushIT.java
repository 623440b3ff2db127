package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import io.kelp.control.MetricSource;
import io.kelp.control.StatusReport;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.MapperInstaller;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Values of a device flow into the history and to a server, while the bundles of both come and go and their file breaks. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HistoryAndPushIT {

    private static final Duration SOON = Duration.ofSeconds(40);
    private static final DeviceId PUMP = new DeviceId("default", "pump");
    // One framework, cloud and server for all tests; see WorkloadsIT.
    private static final List<String> PUSHED = new CopyOnWriteArrayList<>();
    private static Cloud cloud;

    @Inject
    private BundleContext context;

    @Inject
    private MapperInstaller installer;

    private Framework framework;

    @Configuration
    public Option[] configuration() {
        List<Option> options = new ArrayList<>(List.of(GatewayFramework.withFeature(home -> {
            try {
                Files.writeString(home.resolve("etc/io.kelp.store.json"), "{\"seriesFlushSeconds\": 1}");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }, "base")));
        options.add(CoreOptions.frameworkProperty("kelp.test.mappers").value(Path.of(System.getProperty("kelp.stage"), "device-mappers").toString()));
        return options.toArray(Option[]::new);
    }

    @Before
    public void valuesFlow() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
        if (cloud == null) {
            cloud = new Cloud(true);
            cloud.join(Path.of(context.getProperty("kelp.data")), Path.of(context.getProperty("kelp.etc")));
            try (InputStream jar = Files.newInputStream(simulator())) {
                installer.install(jar);
            }
            declare(server());
        }
        pushedAnew();
    }

    private static int server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/in", exchange -> {
            PUSHED.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start(); // ends with the process
        return server.getAddress().getPort();
    }

    private Path simulator() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(context.getProperty("kelp.test.mappers")))) {
            return files.filter(f -> f.getFileName().toString().startsWith("mapper-simulator-")).findFirst().orElseThrow();
        }
    }

    private static void declare(int port) {
        cloud.set("devicecontroller", "default/devicemodel/pump", """
                {'apiVersion':'devices.kubeedge.io/v1beta1','kind':'DeviceModel','metadata':{'namespace':'default','name':'pump','uid':'model-pump','resourceVersion':'1'},
                'spec':{'protocol':'simulator','properties':[{'name':'reads','type':'INT','accessMode':'ReadOnly'}]}}""");
        cloud.set("devicecontroller", "default/device/pump", """
                {'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'namespace':'default','name':'pump','uid':'uid-pump','resourceVersion':'2'},
                'spec':{'nodeName':'edge-a','deviceModelRef':{'name':'pump'},'protocol':{'protocolName':'simulator','configData':{}},
                'properties':[{'name':'reads','collectCycle':100,'reportCycle':100,'reportToCloud':true,
                'pushMethod':{'http':{'hostName':'127.0.0.1','port':%d,'requestPath':'/in'}},
                'visitors':{'protocolName':'simulator','configData':{'simulate':'counter'}}}]}}""".formatted(port));
    }

    @Test
    public void valuesArriveAndTheCloudsQuestionIsAnswered() throws Exception {
        Framework.await(SOON, () -> pointsSince(0).size() > 2, () -> "no history");
        assertTrue(PUSHED.get(0), PUSHED.get(0).startsWith("reads="));
        cloud.askHistory("q1", "default/device/pump", "reads");
        Framework.await(SOON, () -> cloud.points("q1") != null, () -> "no answer");
        JsonObject answer = cloud.points("q1");
        assertEquals("reads", answer.get("property").getAsString());
        assertTrue(answer.toString(), answer.get("complete").getAsBoolean());
        assertTrue(answer.toString(), answer.getAsJsonArray("points").size() > 0);
    }

    @Test
    public void statusAndMetricsTellOfBoth() throws Exception {
        JsonObject all = service(StatusReport.class).status();
        assertTrue(all.toString(), all.getAsJsonObject("history").get("properties").getAsLong() > 0);
        assertTrue(all.toString(), all.getAsJsonArray("push").get(0).getAsJsonObject().get("sent").getAsLong() > 0);
        Map<String, Double> metrics = metrics();
        assertTrue(metrics.toString(), metrics.getOrDefault("kelp_history_values_total", 0.0) > 0);
        assertTrue(metrics.toString(), metrics.getOrDefault("kelp_push_sent_total", 0.0) > 0);
    }

    private Map<String, Double> metrics() throws InvalidSyntaxException {
        Map<String, Double> seen = new TreeMap<>();
        for (ServiceReference<MetricSource> reference : context.getServiceReferences(MetricSource.class, null)) {
            context.getService(reference).collect(new MetricSource.Sink() {
                @Override
                public void counter(String name, String help, double value, String... labels) {
                    seen.put(name, value);
                }

                @Override
                public void gauge(String name, String help, double value, String... labels) {
                    seen.put(name, value);
                }
            });
            context.ungetService(reference);
        }
        return seen;
    }

    @Test
    public void historyAndPushComeAndGoAndNobodyElseNotices() throws Exception {
        Instant online = health().since();
        for (String name : List.of("io.kelp.history", "io.kelp.push")) {
            Bundle bundle = framework.bundle(name);
            int threads = threads(name);
            for (int round = 0; round < 5; round++) {
                bundle.stop();
                Framework.await(SOON, () -> threads(name) == 0, () -> "threads of " + name + ": " + threads(name)); // one may end a sending
                String last = reported();
                Framework.await(SOON, () -> !reported().equals(last), () -> "the twin does not change while " + name + " is away");
                bundle.start();
                long since = System.currentTimeMillis();
                pushedAnew();
                Framework.await(SOON, () -> !pointsSince(since).isEmpty(), () -> "no history after " + name + " came back");
            }
            Framework.await(SOON, () -> threads(name) <= Math.max(threads, 7), () -> "threads of " + name + ": " + threads(name)); // push: one, and up to six that send
        }
        assertEquals(List.of(), framework.troubledComponents());
        assertEquals("the device was opened again", online, health().since());
        assertEquals(DeviceHealth.State.ONLINE, health().state());
    }

    @Test
    public void aBrokenFileCostsTheHistoryAndNothingElse() throws Exception {
        long before = System.currentTimeMillis();
        Framework.await(SOON, () -> !pointsSince(before).isEmpty(), () -> "no history");
        Path file = Path.of(context.getProperty("kelp.data"), "series.db");
        Framework.await(SOON, () -> written(file) > 8192, () -> "only " + written(file) + " bytes were written");
        Bundle history = framework.bundle("io.kelp.history");
        history.stop();
        destroy(file);
        long since = System.currentTimeMillis();
        history.start();
        goesOn(since, "after the damage");

        // At the latest where the store opens the file again it must notice.
        Bundle store = framework.bundle("io.kelp.store");
        store.stop();
        store.start();
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
        Framework.await(SOON, () -> readable(file), () -> "series.db stays broken");
        long anew = System.currentTimeMillis();
        goesOn(anew, "with the new file");
        long kept = System.currentTimeMillis();
        history.stop();
        history.start();
        Framework.await(SOON, () -> !points(anew, kept).isEmpty(), () -> "the new history is not kept");
        assertEquals(List.of(), framework.troubledComponents());
    }

    private void goesOn(long since, String when) throws Exception {
        Framework.await(SOON, () -> !pointsSince(since).isEmpty(), () -> "no history " + when);
        pushedAnew();
        String last = reported();
        Framework.await(SOON, () -> !reported().equals(last), () -> "the twin does not change " + when);
    }

    private static long written(Path file) throws IOException {
        Path log = file.resolveSibling("series.db-wal");
        return (Files.exists(file) ? Files.size(file) : 0) + (Files.exists(log) ? Files.size(log) : 0);
    }

    /** Overwrites what is in it, as a worn flash does. */
    private static void destroy(Path file) throws IOException {
        for (Path each : List.of(file, file.resolveSibling("series.db-wal"))) {
            if (Files.exists(each)) {
                byte[] noise = new byte[(int) Files.size(each)];
                new java.util.Random(6).nextBytes(noise);
                Files.write(each, noise, StandardOpenOption.WRITE); // the file stays the one that is open
            }
        }
        assertFalse(readable(file));
    }

    private static boolean readable(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(15), StandardCharsets.ISO_8859_1).equals("SQLite format 3");
        }
    }

    private void pushedAnew() throws Exception {
        int now = PUSHED.size();
        Framework.await(SOON, () -> PUSHED.size() > now + 2, () -> PUSHED.size() + " values arrived, " + service(MapperHealth.class).devices());
    }

    private String reported() {
        return String.valueOf(service(DeviceTwins.class).device(PUMP).map(device -> device.twins().get("reads")).orElse(null));
    }

    private DeviceHealth health() {
        return service(MapperHealth.class).devices().stream().filter(d -> d.device().equals("default/pump")).findFirst().orElseThrow();
    }

    private List<Point> pointsSince(long fromMillis) {
        return points(fromMillis, Long.MAX_VALUE);
    }

    private List<Point> points(long fromMillis, long toMillis) {
        if (context.getServiceReference(DeviceHistory.class) == null) {
            return List.of(); // on its way
        }
        return service(DeviceHistory.class).points(PUMP, "reads", fromMillis, toMillis, 100);
    }

    /** As it is now: bundles come and go here. */
    private <T> T service(Class<T> type) {
        ServiceReference<T> reference = context.getServiceReference(type);
        if (reference == null) {
            throw new AssertionError("no " + type);
        }
        return context.getService(reference); // held until it goes: a component without users ends
    }

    private static int threads(String bundle) {
        String name = bundle.replace("io.", "").replace('.', '-');
        return Framework.ownThreads().entrySet().stream().filter(e -> e.getKey().startsWith(name)).mapToInt(Map.Entry::getValue).sum();
    }
}
