package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.kelp.eventbus.MqttBus;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.MapperInstaller;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The mappers of the zip come and go while the gateway runs: each is installed, drives a device of its own simulator, and is removed,
 * again and again ({@code kelp.rounds} times). Nothing of it remains: no class loader, thread, connection, file or port.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DeviceMappersIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int ROUNDS = Integer.getInteger("kelp.rounds", 12);
    private static final int WARM_UP = 3;

    @Inject
    private BundleContext context;

    @Inject
    private MapperInstaller installer;

    @Inject
    private MapperHealth health;

    @Inject
    private MqttBus mqtt;

    private Framework framework;
    // One framework and one cloud for all tests; see WorkloadsIT.
    private static Cloud cloud;
    private static int version = 100;

    @Configuration
    public Option[] configuration() {
        List<Option> options = new ArrayList<>(List.of(GatewayFramework.withFeature("base")));
        options.add(org.ops4j.pax.exam.CoreOptions.frameworkProperty("kelp.test.mappers")
                .value(Path.of(System.getProperty("kelp.stage"), "device-mappers").toString()));
        return options.toArray(Option[]::new);
    }

    @Before
    public void everythingRuns() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
        if (cloud == null) {
            cloud = new Cloud(true);
            cloud.join(Path.of(context.getProperty("kelp.data")), Path.of(context.getProperty("kelp.etc")));
        }
    }

    @Test
    public void simulator() throws Exception {
        comesAndGoes("simulator", "{}", "{'simulate':'sine'}", () -> { });
    }

    @Test
    public void modbus() throws Exception {
        int port = freePort();
        try (DeviceSide device = new DeviceSide("modbus", "--tcp", "127.0.0.1:" + port)) {
            comesAndGoes("modbus", "{'communicateMode':'TCP','ip':'127.0.0.1','port':'" + port + "','slaveID':'1'}",
                    "{'register':'HoldingRegister','offset':'0','limit':'1','dataType':'int'}", () -> { });
        }
    }

    @Test
    public void coap() throws Exception {
        int port = freePort();
        try (DeviceSide device = new DeviceSide("coap", "--port", "" + port)) {
            comesAndGoes("coap", "{'host':'127.0.0.1','port':" + port + "}", "{'path':'/temperature'}", () -> { });
        }
    }

    @Test
    public void mqtt() throws Exception {
        comesAndGoes("mqtt", "{}", "{'topic':'plant/pump/level'}",
                () -> mqtt.publish("plant/pump/level", "17".getBytes(StandardCharsets.UTF_8)));
    }

    /** What is there once a mapper has gone. */
    private record Remains(int loaders, Map<String, Integer> threads, int files, int listeners) {}

    private void comesAndGoes(String name, String protocol, String visitor, Runnable traffic) throws Exception {
        String device = "device-" + name;
        cloud.set("devicecontroller", "default/devicemodel/" + name, """
                {'apiVersion':'devices.kubeedge.io/v1beta1','kind':'DeviceModel','metadata':{'namespace':'default','name':'%1$s','uid':'model-%1$s','resourceVersion':'%2$d'},
                'spec':{'protocol':'%1$s','properties':[{'name':'level','type':'DOUBLE','accessMode':'ReadOnly'}]}}""".formatted(name, ++version));
        cloud.set("devicecontroller", "default/device/" + device, """
                {'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'namespace':'default','name':'%s','uid':'uid-%s','resourceVersion':'%d'},
                'spec':{'nodeName':'edge-a','deviceModelRef':{'name':'%s'},'protocol':{'protocolName':'%s','configData':%s},
                'properties':[{'name':'level','collectCycle':100,'reportToCloud':true,'visitors':{'protocolName':'%s','configData':%s}}]}}"""
                .formatted(device, device, ++version, name, name, protocol, name, visitor));
        Framework.await(SOON, () -> state(device) != null, () -> "no device " + device);

        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        Remains first = null;
        for (int round = 1; round <= WARM_UP + ROUNDS; round++) {
            try (InputStream jar = Files.newInputStream(jar(name))) {
                installer.install(jar);
            }
            Framework.await(SOON, () -> {
                traffic.run();
                return state(device).state() == DeviceHealth.State.ONLINE && state(device).reads() + state(device).reports() > 0;
            }, () -> state(device));
            loaders.add(new WeakReference<>(loader(name)));
            installer.remove(name);
            Framework.await(SOON, () -> state(device).state() == DeviceHealth.State.UNDRIVEN, () -> state(device));
            if (round == WARM_UP) {
                first = remains(loaders);
            }
        }
        Remains expected = first;
        Framework.await(SOON, () -> {
            Remains now = remains(loaders);
            return now.loaders() <= 1 && now.files() <= expected.files() && now.listeners() <= expected.listeners()
                    && now.threads().entrySet().stream().allMatch(t -> t.getValue() <= expected.threads().getOrDefault(t.getKey(), 0));
        }, () -> "after " + WARM_UP + " rounds " + expected + ", after " + ROUNDS + " more " + remains(loaders));
        assertEquals(List.of(), framework.troubledComponents());
        cloud.delete("default/device/" + device);
    }

    private static Remains remains(List<WeakReference<ClassLoader>> loaders) throws IOException {
        System.gc();
        return new Remains((int) loaders.stream().filter(l -> l.get() != null).count(), Framework.allThreads(), Framework.openFiles().size(),
                Framework.listeners());
    }

    private ClassLoader loader(String name) {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getSymbolicName().equals("io.kelp.mapper." + name)) {
                return bundle.adapt(BundleWiring.class).getClassLoader();
            }
        }
        throw new AssertionError("no bundle of mapper " + name);
    }

    private DeviceHealth state(String device) {
        return health.devices().stream().filter(d -> d.device().equals("default/" + device)).findFirst().orElse(null);
    }

    private Path jar(String name) throws IOException {
        return jar(Path.of(context.getProperty("kelp.test.mappers")), name);
    }

    private static Path jar(Path folder, String name) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith("mapper-" + name + "-")).findFirst()
                    .orElseThrow(() -> new AssertionError("no mapper " + name + " in " + folder));
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The simulator of the device's side that is in the mapper's jar, as a process. */
    private final class DeviceSide implements AutoCloseable {

        private final Process process;

        DeviceSide(String name, String... arguments) throws Exception {
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xmx32m", "-jar", jar(name).toString()));
            command.addAll(List.of(arguments));
            File log = Path.of(context.getProperty("kelp.log"), name + "-simulator.log").toFile();
            process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
            Framework.await(SOON, () -> log.length() > 0 || !process.isAlive(), () -> "the simulator says nothing");
            assertTrue("the simulator ended: " + Files.readString(log.toPath()), process.isAlive());
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
