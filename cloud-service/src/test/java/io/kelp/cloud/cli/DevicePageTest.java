package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.cloud.kube.Await;
import io.kelp.message.Message;
import io.kelp.testkit.Browser;
import io.kelp.testkit.Needed;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs and methods of a device in a real browser; the gateway is played. */
@Tag("slow")
class DevicePageTest {

    private static final String DEVICE = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/oven";
    private static final String POINTS = "document.querySelector('[data-property=temperature] polyline').getAttribute('points').split(' ').length";

    @TempDir
    private Path work;
    private TestCloud cloud;
    private Identity identity;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        Needed.program(Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(dir -> Files.isExecutable(Path.of(dir, "chromium"))), "chromium");
        cloud = new TestCloud();
        cloud.kube().put("/api/v1/namespaces/default", json("{'metadata':{'name':'default'}}"));
        identity = cloud.join("edge-1");
        cloud.addNode("edge-1", "uid-node");
        cloud.kube().put("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels/m", json("{'metadata':{'name':'m','namespace':'default','uid':'um'},"
                + "'spec':{'protocol':'modbus','properties':[{'name':'temperature','type':'DOUBLE','accessMode':'ReadOnly','unit':'°C'},"
                + "{'name':'mode','type':'STRING','accessMode':'ReadOnly'}]}}"));
        cloud.kube().put(DEVICE, json("{'metadata':{'name':'oven','namespace':'default','uid':'u-oven'},'spec':{'nodeName':'edge-1','deviceModelRef':{'name':'m'},"
                + "'properties':[{'name':'temperature'},{'name':'mode'}],'methods':[{'name':'heat','description':'Heats up.','propertyNames':['temperature']}]}}"));
        browser = new Browser(work);
        browser.screen(1100, 900, 1, false);
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (cloud != null) {
            cloud.close();
        }
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    /** A Kelp gateway that remembers values and does what methods want. */
    private static final class Gateway implements AutoCloseable {

        private final TestEdge edge;
        private final TreeMap<Long, Double> series;
        private final Thread thread = new Thread(this::serve, "gateway");
        private final Map<String, String> answered = new ConcurrentHashMap<>();

        private Gateway(TestEdge edge, TreeMap<Long, Double> series) throws IOException {
            this.edge = edge;
            this.series = series;
            edge.keepalive();
            edge.send(Message.create("kelp", "kelp", "inventory", "kelp", json("{'items':[],'complete':true}")));
            thread.start();
        }

        private void serve() {
            try {
                while (true) {
                    Message message = edge.await(60_000, m -> true);
                    JsonObject content = message.content() instanceof JsonObject object ? object : new JsonObject();
                    switch (message.operation()) {
                        case "insert", "update" -> {
                            if (!message.resourceVersion().isEmpty()) {
                                send(message.acknowledge());
                            }
                        }
                        case "history" -> history(message, content);
                        case "call" -> {
                            answered.put(content.get("id").getAsString(), content.get("arguments").toString());
                            send(Message.create("kelp", "device", "called", message.resource(), json("{'id':" + content.get("id")
                                    + ",'phase':'Succeeded','message':'hot','values':{'temperature':'220'}}")));
                        }
                        default -> { }
                    }
                }
            } catch (IOException | AssertionError e) {
                return; // the connection has ended
            }
        }

        private synchronized void send(Message message) throws IOException {
            edge.send(message);
        }

        private void history(Message message, JsonObject content) throws IOException {
            JsonArray points = new JsonArray();
            synchronized (series) {
                series.subMap(content.get("from").getAsLong(), content.get("to").getAsLong()).forEach((time, value) -> {
                    if (content.get("property").getAsString().equals("temperature")) {
                        points.add(JsonParser.parseString("[" + time + ",5," + (value - 1) + "," + value + "," + (value + 1) + "]"));
                    } else if (value > 90) {
                        points.add(JsonParser.parseString("[" + time + ",1,'m" + value.intValue() + "']"));
                    }
                });
            }
            JsonObject answer = new JsonObject();
            answer.add("id", content.get("id"));
            answer.add("points", points);
            answer.addProperty("complete", true);
            send(Message.create("kelp", "device", "points", message.resource(), answer));
        }

        private void report(double value) throws IOException {
            long now = System.currentTimeMillis();
            synchronized (series) {
                series.put(now, value);
            }
            send(Message.create("twin", "resource", "update", "device/default/oven/twin/edge_updated", json("{'timestamp':" + now + ",'twin':{'temperature':{'actual':{'value':'"
                    + value + "','metadata':{'timestamp':" + now + "}},'metadata':{'type':'double'}}}}")));
        }

        @Override
        public void close() throws IOException {
            edge.close();
        }
    }

    @Test
    void aGraphHasThePastGoesOnLiveAndHasNoHoleAfterAnOutage() throws Exception {
        TreeMap<Long, Double> series = new TreeMap<>();
        long begin = System.currentTimeMillis();
        for (int i = 1; i <= 100; i++) {
            series.put(begin - i * 5000L, 50 + 40 * Math.sin(i / 8.0));
        }
        try (Gateway gateway = new Gateway(cloud.connectKelp(identity, "edge-1"), series)) {
            gateway.report(55);
            browser.open("http://localhost:" + java.net.URI.create(cloud.webUrl("/")).getPort() + "/#/devices/default/oven");
            browser.waitFor("document.querySelector('[data-property=temperature] svg:not([hidden]) polyline')");
            browser.waitFor(POINTS + " > 190");
            long before = browser.evaluate(POINTS).getAsLong();
            gateway.report(60);
            browser.waitFor("document.querySelector('[data-value=temperature]').textContent === '60'.concat('.0')");
            browser.waitFor(POINTS + " > " + before);
            browser.screenshot(Path.of("target", "screenshots", "history.png"));
            browser.click("[data-range='1 h']");
            browser.waitFor("document.querySelector('[data-range=\"1 h\"]').getAttribute('aria-pressed') === 'true'");
        }
        long drawn = browser.evaluate(POINTS).getAsLong();
        long outage = System.currentTimeMillis();
        for (int i = 0; i < 20; i++) {
            series.put(outage - 20 + i, 70.0 + i);
        }
        try (Gateway gateway = new Gateway(cloud.connectKelp(identity, "edge-1"), series)) {
            browser.waitFor(POINTS + " >= " + (drawn + 38), Duration.ofSeconds(10));
            assertEquals(List.of(), browser.complaints());
            assertTrue(gateway.thread.isAlive());
        }
    }

    @Test
    void whileTheGatewayIsAwayTheLastMinutesComeFromTheCloudServiceWithASentence() throws Exception {
        try (Gateway gateway = new Gateway(cloud.connectKelp(identity, "edge-1"), new TreeMap<>())) {
            for (int i = 0; i < 5; i++) {
                gateway.report(20 + i);
            }
            Await.until("heard", () -> cloud.kube().find(DEVICE.replace("/devices/", "/devicestatuses/")).toString().contains("24.0"));
        }
        browser.open("http://localhost:" + java.net.URI.create(cloud.webUrl("/")).getPort() + "/#/devices/default/oven");
        browser.waitFor("document.querySelector('.ranges .hint').textContent.includes('what this cloud service has heard itself')");
    }

    @Test
    void aMethodIsCalledWithAFormAndItsResultIsShown() throws Exception {
        try (Gateway gateway = new Gateway(cloud.connectKelp(identity, "edge-1"), new TreeMap<>())) {
            browser.open("http://localhost:" + java.net.URI.create(cloud.webUrl("/")).getPort() + "/#/devices/default/oven");
            browser.waitFor("document.querySelector('[data-method=heat] input')");
            browser.evaluate("document.querySelector('[data-method=heat] input').value = '220'");
            browser.click("[data-method=heat] button");
            browser.waitFor("document.querySelector('[data-method=heat] [data-phase=succeeded]')", Duration.ofSeconds(10));
            assertTrue(browser.text("[data-method=heat] .result").contains("220"), browser.text("[data-method=heat] .result"));
            assertTrue(gateway.answered.containsValue("{\"temperature\":\"220\"}"));
            browser.screenshot(Path.of("target", "screenshots", "method.png"));
            assertEquals(List.of(), browser.complaints());
        }
    }
}
