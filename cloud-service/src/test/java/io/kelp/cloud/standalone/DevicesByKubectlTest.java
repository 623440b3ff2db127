package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.device.DeviceController;
import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.CustomResources;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.RealApiServer;
import io.kelp.cloud.method.MethodCalls;
import io.kelp.message.Message;
import io.kelp.testkit.Needed;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees of devices and does with them by kubectl, on Kubernetes and on the API of our own. */
@Tag("slow")
class DevicesByKubectlTest {

    private static final String DEVICES = """
            apiVersion: devices.kubeedge.io/v1beta1
            kind: DeviceModel
            metadata: {name: pump-model}
            spec: {protocol: coap, properties: [{name: speed, type: INT}]}
            ---
            apiVersion: devices.kubeedge.io/v1beta1
            kind: Device
            metadata: {name: modern}
            spec:
              deviceModelRef: {name: pump-model}
              nodeName: gw
              protocol: {protocolName: modbus, configData: {nodeName: misleading}}
              properties: [{name: speed}]
              methods: [{name: start, propertyNames: [speed]}]
            ---
            apiVersion: devices.kubeedge.io/v1beta1
            kind: Device
            metadata: {name: bymodel}
            spec: {deviceModelRef: {name: pump-model}, nodeName: gw, properties: [{name: speed}]}
            ---
            apiVersion: devices.kubeedge.io/v1alpha2
            kind: Device
            metadata: {name: classic}
            spec:
              deviceModelRef: {name: old-model}
              protocol: {modbus: {slaveID: 1}}
              nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: '', operator: In, values: [gw]}]}]}
            status: {twins: [{propertyName: p, desired: {value: "ON"}}]}
            """;

    private static final String CALL = """
            apiVersion: devices.kelp.io/v1alpha1
            kind: DeviceMethodCall
            metadata: {name: %s}
            spec: {deviceName: modern, method: start, arguments: {speed: "7"}}
            """;

    @TempDir
    private Path work;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private Path kubeconfig;

    @AfterEach
    void stop() throws Exception {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).close();
        }
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.add(part);
        return part;
    }

    private KubeClient server(String kind) throws Exception {
        Needed.program(Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(dir -> Files.isExecutable(Path.of(dir, "kubectl"))), "kubectl");
        KubeClient client;
        if (kind.equals("kubernetes")) {
            RealApiServer server = own(RealApiServer.start());
            kubeconfig = server.kubeconfig();
            client = own(server.client());
        } else {
            kubeconfig = own(StandaloneServer.start(StandaloneServer.Options.onLoopback(work.resolve("data")))).kubeconfig();
            client = own(KubeClient.connect(kubeconfig.toFile(), KubeClient.Settings.defaults()));
        }
        new CustomResources(client).install(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
        return client;
    }

    /** @return what it prints, errors included */
    private String kubectl(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        command.addAll(Arrays.asList(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.onExit().get(60, TimeUnit.SECONDS);
            return output;
        } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** The columns of each line but the age, by name. */
    private String row(String resource, String name) {
        return kubectl("", "get", resource).lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("")
                .replaceAll(" +\\S+$", "").replaceAll(" +", " ");
    }

    /** The hub of a replica, with the gateway or without. */
    private static final class Hub implements Delivery, NodeSession {

        private final Set<String> nodes = ConcurrentHashMap.newKeySet();
        private final List<Message> sent = new CopyOnWriteArrayList<>();

        @Override
        public void deliver(String node, Change change, GatewayObject object) {
            // the gateway has it
        }

        @Override
        public void redeliver(String node, GatewayObject object) {
            // the gateway has it
        }

        @Override
        public boolean send(String node, Message message) {
            return nodes.contains(node) && sent.add(message);
        }

        @Override
        public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
            // nobody asks
        }

        @Override
        public boolean isConnected(String node) {
            return nodes.contains(node);
        }

        @Override
        public boolean isKelp(String node) {
            return true;
        }

        @Override
        public boolean hasTaken(String node, String uid) {
            return true;
        }

        @Override
        public String node() {
            return "gw";
        }

        @Override
        public boolean isKelp() {
            return true;
        }

        @Override
        public boolean send(Message message) {
            return sent.add(message);
        }

        @Override
        public boolean isOpen() {
            return nodes.contains("gw");
        }

        @Override
        public void complain(String text) {
            throw new AssertionError(text);
        }

        private Message await(String operation) {
            AtomicReference<Message> found = new AtomicReference<>();
            Await.until(operation, 20, () -> {
                sent.stream().filter(m -> m.operation().equals(operation)).findFirst().ifPresent(found::set);
                return found.get() != null;
            });
            return found.get();
        }
    }

    private DeviceController devices(KubeClient client, Hub hub, Set<String> away) throws Exception {
        DeviceController controller = own(new DeviceController(client, DeviceController.Settings.defaults()));
        controller.start(hub).get(20, TimeUnit.SECONDS);
        controller.keepColumns(away::contains);
        return controller;
    }

    private MethodCalls calls(KubeClient client, Hub hub, DeviceController devices) {
        return own(new MethodCalls(client, hub, new MethodCalls.Devices() {
            @Override
            public Optional<DeviceDescription> describe(String namespace, String name) {
                return devices.values().describe(namespace, name);
            }

            @Override
            public Optional<String> nodeOf(String namespace, String name) {
                return devices.nodeOf(namespace, name);
            }

            @Override
            public boolean hasNode(String node) {
                return true;
            }
        }));
    }

    private static Message state(String device, String state) {
        String content = "{\"device\":{\"name\":\"d\",\"state\":\"" + state + "\",\"lastOnlineTime\":\"2026-01-01T00:00:00Z\"}}";
        return Message.create("twin", "resource", "update", "device/" + device + "/state/update", new JsonPrimitive(content));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes", "standalone"})
    void theListOfDevicesTellsModelNodeProtocolAndStateOfEitherGeneration(String kind) throws Exception {
        KubeClient client = server(kind);
        Hub hub = new Hub();
        hub.nodes.add("gw");
        Set<String> away = ConcurrentHashMap.newKeySet();
        DeviceController controller = devices(client, hub, away);
        controller.onConnect(hub);
        String applied = kubectl(DEVICES, "apply", "-f", "-");
        assertTrue(applied.contains("classic created"), applied);
        Await.until("devices", 20, () -> controller.values().summaries().size() == 3);
        controller.handle(hub, state("default/modern", "online"));
        controller.handle(hub, state("classic", "offline"));
        Await.until("classic", 20, () -> row("devices", "classic").equals("classic old-model gw modbus offline"));
        Await.until("modern", 20, () -> row("devices", "modern").equals("modern pump-model gw modbus online"));
        Await.until("bymodel", 20, () -> row("devices", "bymodel").equals("bymodel pump-model gw coap"));
        assertEquals("classic old-model gw modbus offline", row("devices.v1alpha2.devices.kubeedge.io", "classic"));
        assertTrue(kubectl("", "get", "devices").lines().findFirst().orElse("").matches("NAME +MODEL +NODE +PROTOCOL +STATE +AGE"));
        assertEquals("modern online 2026-01-01T00:00:00Z", row("devicestatuses", "modern"));
        assertEquals("pump-model coap", row("devicemodels", "pump-model"));
        hub.nodes.clear();
        away.add("gw");
        Await.until("away", 20, () -> row("devices", "modern").equals("modern pump-model gw modbus unknown"));
        assertEquals("ON", kubectl("", "get", "device", "classic", "-o", "jsonpath={.status.twins[0].desired.value}"));
        away.clear();
        hub.nodes.add("gw");
        Await.until("back", 20, () -> row("devices", "modern").equals("modern pump-model gw modbus online")
                && row("devices", "classic").equals("classic old-model gw modbus offline"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kubernetes", "standalone"})
    void aCallMadeWithKubectlIsWaitedForWhileTheGatewayMovesToAnotherReplica(String kind) throws Exception {
        KubeClient client = server(kind);
        Hub first = new Hub();
        Hub second = new Hub();
        first.nodes.add("gw");
        DeviceController one = devices(client, first, Set.of());
        DeviceController two = devices(client, second, Set.of());
        MethodCalls callsOfFirst = calls(client, first, one);
        MethodCalls callsOfSecond = calls(client, second, two);
        kubectl(DEVICES, "apply", "-f", "-");
        assertTrue(kubectl(CALL.formatted("c"), "create", "-f", "-").contains("c created"));
        Message call = first.await("call");
        String uid = call.content().getAsJsonObject().get("id").getAsString();
        assertEquals("{\"speed\":\"7\"}", call.content().getAsJsonObject().get("arguments").toString());
        first.nodes.clear(); // the gateway leaves before it has answered, and the confirmation of what it did is lost
        second.nodes.add("gw");
        callsOfSecond.onConnect(second);
        assertEquals(uid, second.await("call").content().getAsJsonObject().get("id").getAsString());
        JsonObject result = JsonParser.parseString("{'id':'" + uid + "','phase':'Succeeded','message':'turns','values':{'speed':'7'}}").getAsJsonObject();
        Message called = Message.create("kelp", "device", "called", call.resource(), result);
        callsOfSecond.handle(second, called);
        String waited = kubectl("", "wait", "dmc/c", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=20s");
        assertTrue(waited.contains("condition met"), waited);
        second.await("confirmed");
        callsOfSecond.handle(second, called);
        Await.until("confirmed again", () -> second.sent.stream().filter(m -> m.operation().equals("confirmed")).count() == 2);
        assertEquals("c modern start Succeeded turns", row("dmc", "c"));
        assertEquals("7", kubectl("", "get", "dmc", "c", "-o", "jsonpath={.status.values.speed}"));
        if (kind.equals("kubernetes")) {
            String changed = kubectl("", "patch", "dmc", "c", "--type=merge", "-p", "{\"spec\":{\"method\":\"stop\"}}");
            assertTrue(changed.contains("cannot be changed"), changed);
        }
        kubectl(CALL.formatted("bad").replace("speed: \"7\"", "torque: \"7\"").replace("}}", "}, ttlSecondsAfterFinished: 2}"), "create", "-f", "-");
        Await.until("refused", 20, () -> row("dmc", "bad").startsWith("bad modern start Failed Method start of device modern has no argument torque"));
        Await.until("removed", 20, () -> row("dmc", "bad").isEmpty());
        assertTrue(callsOfFirst.callsOf("default", "modern").size() == 1);
    }
}
