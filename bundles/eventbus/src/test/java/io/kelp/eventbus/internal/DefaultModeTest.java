package io.kelp.eventbus.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.BrokerComponent;
import io.kelp.broker.internal.BrokerConfig;
import io.kelp.eventbus.MqttBus;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.converter.Converters;

/** The component with the real embedded broker, in a process that has no MQTT client library at all. */
class DefaultModeTest {

    @Test
    @Tag("slow")
    void needsNoMqttClientLibrary() throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("paho")).collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath,
                DefaultModeTest.class.getName()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
    }

    /** The other process. */
    public static void main(String[] args) throws Exception {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("org.eclipse.paho.client.mqttv3.MqttAsyncClient"));
        BrokerComponent broker = new BrokerComponent(
                Converters.standardConverter().convert(Map.of("port", 0, "secondPort", -1)).to(BrokerConfig.class));
        broker.start();
        Map<String, Object> services = new ConcurrentHashMap<>();
        EventBusComponent component = new EventBusComponent(
                Converters.standardConverter().convert(Map.of()).to(EventBusConfig.class), context(services));
        FakeLink link = new FakeLink();
        component.bindBroker(broker);
        component.bindLink(link);
        component.start();
        EventBusTest.await("port", () -> component.status().get("mqttPort").getAsInt() > 0);
        MqttBus bus = (MqttBus) services.get(MqttBus.class.getName());
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), bus.port())) {
            client.getOutputStream().write(new byte[] {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 0});
            client.getOutputStream().write(new byte[] {(byte) 0x82, 6, 0, 1, 0, 1, 'o', 0});
            assertEquals(0x20, client.getInputStream().readNBytes(4)[0]);
            assertEquals((byte) 0x90, client.getInputStream().readNBytes(5)[0]);
            EventBusTest.await("heard", () -> {
                try {
                    client.getOutputStream().write(new byte[] {0x30, 11, 0, 8, 'a', '/', 'u', 's', 'e', 'r', '/', 'x', '!'});
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return !link.sent.isEmpty();
            });
            assertEquals("a/user/x", link.sent.poll().resource());
            assertTrue(bus.publish("o", new byte[] {'?'}));
            assertEquals('?', client.getInputStream().readNBytes(6)[5]);
        }
        component.stop();
        broker.stop();
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("kelp-broker")));
        System.exit(0);
    }

    private static BundleContext context(Map<String, Object> services) {
        return proxy(BundleContext.class, (method, args) -> switch (method) {
            case "registerService" -> {
                String name = args[0] instanceof Class<?> type ? type.getName() : ((Object[]) args[0])[0].toString();
                services.put(name, args[1]);
                yield proxy(ServiceRegistration.class, (m, a) -> null);
            }
            case "createFilter" -> {
                try {
                    yield FrameworkUtil.createFilter((String) args[0]);
                } catch (org.osgi.framework.InvalidSyntaxException e) {
                    throw new IllegalArgumentException(e);
                }
            }
            default -> null;
        });
    }

    private interface Answers {
        Object answer(String method, Object[] args);
    }

    private static <T> T proxy(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) ->
                method.getName().equals("hashCode") ? System.identityHashCode(self)
                        : method.getName().equals("equals") ? self == args[0] : answers.answer(method.getName(), args)));
    }
}
