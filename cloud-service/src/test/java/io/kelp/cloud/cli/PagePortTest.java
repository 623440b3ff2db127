package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.message.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's port as a browser, and as somebody who should not, uses it. */
class PagePortTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private TestCloud cloud;
    private int port;

    @BeforeEach
    void start() throws Exception {
        cloud = new TestCloud();
        port = URI.create(cloud.webUrl("/")).getPort();
        cloud.kube().put("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels/m", json("{'metadata':{'name':'m','namespace':'default','uid':'um'},"
                + "'spec':{'properties':[{'name':'status','type':'STRING','description':'ON or OFF'},{'name':'level','type':'INT','minimum':'0','maximum':'10'},"
                + "{'name':'count','type':'INT','accessMode':'ReadOnly'}]}}"));
        device("d");
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    private void device(String name) {
        cloud.kube().put(DEVICES + name, json("{'metadata':{'name':'" + name + "','namespace':'default','uid':'u-" + name + "'},'spec':{'nodeName':'edge-1',"
                + "'deviceModelRef':{'name':'m'},'properties':[{'name':'status','desired':{'value':'OFF'}},{'name':'level'},{'name':'count'}]}}"));
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(cloud.webUrl(path))).timeout(Duration.ofSeconds(10));
    }

    private JsonObject get(String path) throws Exception {
        HttpResponse<String> answer = http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return json(answer.body());
    }

    private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> set(String property, String value) throws Exception {
        return post("/api/ui/devices/default/d/desired", "{\"property\":\"" + property + "\",\"value\":\"" + value + "\"}", "Content-Type", "application/json");
    }

    private String desired(int index) {
        JsonObject property = cloud.kube().find(DEVICES + "d").orElseThrow().getAsJsonObject("spec").getAsJsonArray("properties").get(index).getAsJsonObject();
        return property.has("desired") ? property.getAsJsonObject("desired").get("value").getAsString() : "";
    }

    /** Sends bytes as they are; @return the status line and the rest until the end */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void everythingThatThePageNeedsComesFromHereUnderAPolicyThatAllowsNothingElse() throws Exception {
        HttpResponse<String> page = http.send(request("/").build(), HttpResponse.BodyHandlers.ofString());
        assertTrue(page.body().contains("<!doctype html>"));
        String policy = page.headers().firstValue("Content-Security-Policy").orElse("");
        assertTrue(policy.contains("default-src 'none'") && policy.contains("script-src 'self'") && !policy.contains("unsafe"), policy);
        List<String> names = new ArrayList<>();
        Matcher links = Pattern.compile("(?:src|href)=\"([^\"#]+)\"").matcher(page.body());
        while (links.find()) {
            names.add(links.group(1));
        }
        for (int i = 0; i < names.size(); i++) {
            HttpResponse<String> file = http.send(request("/" + names.get(i)).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, file.statusCode(), names.get(i));
            assertFalse(file.body().matches("(?s).*(?:innerHTML|document\\.write|eval\\().*"), names.get(i));
            assertFalse(file.body().replace("http://www.w3.org/2000/svg", "").contains("http"), names.get(i) + " names another site");
            Matcher imports = Pattern.compile("from '\\./([^']+)'").matcher(file.body());
            while (imports.find()) {
                if (!names.contains(imports.group(1))) {
                    names.add(imports.group(1));
                }
            }
        }
        assertTrue(names.size() > 10, names.toString());
    }

    @Test
    void aClickBecomesAWriteOfTheDesiredValue() throws Exception {
        assertEquals(200, set("status", "ON").statusCode());
        assertEquals("ON", desired(0));
        assertEquals(200, set("level", "10").statusCode());
        assertEquals("10", desired(1));
        assertEquals("ON", desired(0));
        assertEquals("ON", get("/api/ui/devices/default/d").getAsJsonArray("properties").get(0).getAsJsonObject().get("desired").getAsString());
    }

    @ParameterizedTest
    @CsvSource({"level, 11, 422, at most 10", "level, x, 422, whole number", "count, 1, 422, only be read", "other, 1, 404, no such"})
    void whatTheModelDoesNotAllowIsRefusedInASentence(String property, String value, int status, String words) throws Exception {
        List<String> before = cloud.kube().writes().stream().filter(w -> w.contains("/devices/d")).toList();
        HttpResponse<String> answer = set(property, value);
        assertEquals(status, answer.statusCode());
        assertTrue(json(answer.body()).get("error").getAsString().contains(words), answer.body());
        assertEquals(before, cloud.kube().writes().stream().filter(w -> w.contains("/devices/d")).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.", "localhost@evil.example", "[::2]", "10.0.0.1", ""})
    void otherHostNamesGetNothing(String host) throws Exception {
        for (String path : new String[] {"/", "/api/ui/devices", "/api/ui/join"}) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 403") || answer.startsWith("HTTP/1.1 400"), host + ": " + answer.lines().findFirst());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9999", "LOCALHOST", "127.0.0.1", "[::1]:1"})
    void tunnelsFromThisMachineWork(String host) throws Exception {
        assertTrue(raw("GET /api/ui/devices HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").startsWith("HTTP/1.1 200"), host);
    }

    @Test
    void writesFromOtherSitesAreRefused() throws Exception {
        String path = "/api/ui/devices/default/d/desired";
        String body = "{\"property\":\"status\",\"value\":\"ON\"}";
        String own = "http://127.0.0.1:" + port;
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Origin", "http://evil.example").statusCode());
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Origin", "null").statusCode());
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Origin", "https://127.0.0.1:" + port).statusCode());
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Origin", "http://127.0.0.1:1").statusCode());
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Sec-Fetch-Site", "cross-site").statusCode());
        assertEquals(403, post(path, body, "Content-Type", "application/json", "Sec-Fetch-Site", "same-site").statusCode());
        assertEquals(415, post(path, body, "Content-Type", "text/plain").statusCode());
        assertEquals(415, post(path, body).statusCode());
        assertEquals(403, post("/api/ui/join/token", "{}", "Content-Type", "application/json", "Origin", "http://evil.example").statusCode());
        assertEquals("OFF", desired(0));
        assertEquals(200, post(path, body, "Content-Type", "application/json", "Origin", own, "Sec-Fetch-Site", "same-origin").statusCode());
        assertEquals("ON", desired(0));
    }

    @Test
    void malformedRequestsAreAnswered() throws Exception {
        String path = "/api/ui/devices/default/d/desired";
        for (String body : new String[] {"", "[]", "{", "{\"property\":\"status\"}", "{\"property\":3,\"value\":\"ON\"}", "{\"property\":\"status\",\"value\":true}",
            "[".repeat(16_000)}) {
            assertEquals(400, post(path, body, "Content-Type", "application/json").statusCode(), body.length() > 99 ? "deep" : body);
        }
        assertEquals(413, post(path, "{\"x\":\"" + "y".repeat(20_000) + "\"}", "Content-Type", "application/json").statusCode());
        for (String read : new String[] {"/api/ui/", "/api/ui/nodes/none", "/api/ui/devices/default/none", "/api/ui/devices/default", "/api/ui/../../etc/passwd"}) {
            assertEquals(404, http.send(request(read).build(), HttpResponse.BodyHandlers.ofString()).statusCode(), read);
        }
        assertEquals(405, post("/api/ui/devices", "{}", "Content-Type", "application/json").statusCode());
        assertEquals(400, http.send(request("/api/ui/events?device=../x").build(), HttpResponse.BodyHandlers.ofString()).statusCode());
    }

    @Test
    void damagedRequestsNeverMakeAnInternalError() throws Exception {
        Random random = new Random(42);
        String whole = "POST /api/ui/devices/default/d/desired HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 32\r\n\r\n"
                + "{\"property\":\"level\",\"value\":\"7\"}";
        assertTrue(raw(whole).startsWith("HTTP/1.1 200"));
        for (int i = 0; i < 400; i++) {
            StringBuilder damaged = new StringBuilder(whole);
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = 5 + random.nextInt(damaged.length() - 5);
                switch (random.nextInt(3)) {
                    case 0 -> damaged.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> damaged.deleteCharAt(at);
                    default -> damaged.insert(at, "\"\\[{,%/".charAt(random.nextInt(7)));
                }
            }
            String answer = rawAndEnd(damaged.toString());
            assertFalse(answer.matches("(?s)HTTP/1.1 50[0234] .*"), damaged + " -> " + answer); // not 501 and 505: unknown encodings, versions
        }
        assertEquals(200, set("level", "3").statusCode());
    }

    /** As {@link #raw}, but says that nothing more comes: a damaged length would have the server wait. */
    private String rawAndEnd(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            return ""; // it was closed before all had been written
        }
    }

    @Test
    void listsAreFilteredAndBounded() throws Exception {
        IntStream.range(0, 3000).forEach(i -> device("fleet-" + i));
        Await.until("all known", () -> count("/api/ui/devices?limit=1") == 3001);
        long start = System.nanoTime();
        JsonObject list = get("/api/ui/devices");
        assertTrue(System.nanoTime() - start < 2_000_000_000L);
        assertEquals(200, list.getAsJsonArray("items").size());
        JsonObject some = get("/api/ui/devices?q=FLEET-29%20edge-1&limit=1000000");
        assertEquals(111, some.get("matched").getAsInt());
        assertEquals(111, some.getAsJsonArray("items").size());
        assertEquals(0, get("/api/ui/devices?node=edge-2").get("matched").getAsInt());
    }

    private int count(String path) {
        try {
            return get(path).get("total").getAsInt();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nodesAreShownWithStateVersionAndDevices() throws Exception {
        JsonObject node = cloud.addNode("edge-1", "n1").deepCopy();
        node.add("status", json("{'conditions':[{'type':'Ready','status':'Unknown','reason':'NodeStatusUnknown','message':'no word','lastTransitionTime':'2030-01-01T00:00:00Z'}],"
                + "'nodeInfo':{'kubeletVersion':'v1.34.4-kubeedge-v1.23.0','containerRuntimeVersion':'kelp://0.1.0'}}"));
        cloud.kube().put("/api/v1/nodes/edge-1", node);
        JsonObject shown = get("/api/ui/nodes").getAsJsonArray("items").get(0).getAsJsonObject();
        assertEquals("Unknown", shown.get("state").getAsString());
        assertEquals("NodeStatusUnknown", shown.get("reason").getAsString());
        assertEquals("2030-01-01T00:00:00Z", shown.get("since").getAsString());
        assertEquals("Kelp 0.1.0", shown.get("version").getAsString());
        assertEquals(1, shown.get("devices").getAsInt());
        assertFalse(shown.get("connected").getAsBoolean());
    }

    @Test
    void aGatewaysPodsAreListedInTheWordsOfKubectl() throws Exception {
        cloud.addNode("edge-1", "n1");
        JsonObject pod = cloud.addPod("app", "p1", "edge-1").deepCopy();
        pod.add("spec", json("{'nodeName':'edge-1','containers':[{'name':'a','image':'r/a:1'},{'name':'b','image':'r/b:1'}]}"));
        pod.add("status", json("{'phase':'Running','containerStatuses':[{'name':'a','ready':true,'restartCount':1,'state':{'running':{}}},"
                + "{'name':'b','ready':false,'restartCount':4,'state':{'waiting':{'reason':'CrashLoopBackOff','message':'back-off'}}}]}"));
        cloud.kube().put("/api/v1/namespaces/default/pods/app", pod);
        cloud.addPod("elsewhere", "p2", "edge-2");
        JsonObject list = get("/api/ui/nodes/edge-1/pods");
        assertEquals(1, list.get("total").getAsInt());
        JsonObject row = list.getAsJsonArray("items").get(0).getAsJsonObject();
        assertEquals("CrashLoopBackOff", row.get("status").getAsString());
        assertEquals("back-off", row.get("message").getAsString());
        assertEquals(1, row.get("ready").getAsInt());
        assertEquals(2, row.get("containers").getAsInt());
        assertEquals(5, row.get("restarts").getAsInt());
        assertEquals("r/a:1", row.getAsJsonArray("images").get(0).getAsString());
        assertEquals(0, get("/api/ui/nodes/none/pods").get("total").getAsInt());
    }

    @Test
    void theTokenComesOnlyWhenItIsAskedFor() throws Exception {
        JsonObject join = get("/api/ui/join");
        assertFalse(join.toString().contains(cloud.jwt()));
        assertEquals(cloud.hubPort(), join.get("hubPort").getAsInt());
        assertEquals(405, http.send(request("/api/ui/join/token").build(), HttpResponse.BodyHandlers.ofString()).statusCode());
        HttpResponse<String> token = post("/api/ui/join/token", "{}", "Content-Type", "application/json");
        assertTrue(json(token.body()).get("token").getAsString().endsWith(cloud.jwt()));
        assertEquals("no-store", token.headers().firstValue("Cache-Control").orElse(""));
    }

    private static Message report(int count) {
        return Message.create("twin", "resource", "update", "device/default/d/twin/edge_updated",
                JsonParser.parseString("{\"twin\":{\"count\":{\"actual\":{\"value\":\"" + count + "\",\"metadata\":{\"timestamp\":" + (1_900_000_000_000L + count) + "}}}}}"));
    }

    /** A stream of events as a browser reads it. */
    private final class Events implements AutoCloseable {

        private final Socket socket = new Socket("127.0.0.1", port);
        private final BufferedReader in;
        private final String status;

        Events(String query) throws IOException {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(("GET /api/ui/events?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            status = in.readLine();
        }

        /** The data of the next event of this name. */
        JsonObject next(String name) throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("event: " + name)) {
                    return json(in.readLine().substring("data: ".length()));
                }
            }
            throw new AssertionError("the stream ended before an event " + name);
        }

        String count() throws IOException {
            JsonArray properties = next("device").getAsJsonArray("properties");
            JsonObject count = properties.get(2).getAsJsonObject();
            return count.has("reported") ? count.getAsJsonObject("reported").get("value").getAsString() : "";
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void reportsArriveWithinASecondAndManyBecomeFew() throws Exception {
        cloud.addNode("edge-1", "n1");
        try (TestEdge edge = cloud.connect(cloud.join("edge-1"), "edge-1"); Events events = new Events("device=default/d")) {
            assertEquals("test", events.next("hello").get("version").getAsString());
            assertEquals("", events.count());
            edge.send(report(1));
            long sent = System.nanoTime();
            for (String count = events.count(); !count.equals("1"); count = events.count()) {
                assertNotEquals("2", count);
            }
            assertTrue(System.nanoTime() - sent < 1_000_000_000L);

            long start = System.nanoTime();
            for (int i = 2; i <= 500; i++) {
                edge.send(report(i));
            }
            int told = 1;
            while (!events.count().equals("500")) {
                told++;
            }
            long millis = (System.nanoTime() - start) / 1_000_000;
            assertTrue(told <= millis / 100 + 2, told + " states in " + millis + " ms");
        }
    }

    @Test
    void aDeviceThatIsDeletedAndAListThatChangesAreTold() throws Exception {
        try (Events device = new Events("device=default/d"); Events lists = new Events("lists=nodes,devices")) {
            device.count();
            cloud.addNode("edge-9", "n9");
            lists.next("nodes");
            cloud.kube().delete(DEVICES + "d", null).join();
            lists.next("devices");
            for (String line = device.in.readLine(); !line.equals("data: null"); line = device.in.readLine()) {
                assertFalse(line.contains("error"), line);
            }
        }
    }

    @Test
    void aReaderThatReadsNothingCostsNothingAndOthersGoOn() throws Exception {
        cloud.addNode("edge-1", "n1");
        try (TestEdge edge = cloud.connect(cloud.join("edge-1"), "edge-1"); Events lazy = new Events("device=default/d"); Events eager = new Events("device=default/d")) {
            assertTrue(lazy.status.contains("200"));
            for (int i = 1; i <= 2000; i++) {
                edge.send(report(i));
            }
            while (!eager.count().equals("2000")) {
                assertTrue(eager.socket.isConnected());
            }
        }
    }

    @Test
    @Tag("slow") // a closed connection is noticed by the second beat
    void thereIsABoundOfOpenPagesAndAClosedOneMakesRoom() throws Exception {
        List<Events> open = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                open.add(new Events("device=default/d"));
                assertTrue(open.get(i).status.contains("200"), open.get(i).status);
            }
            try (Events tooMany = new Events("device=default/d")) {
                assertTrue(tooMany.status.contains("503"), tooMany.status);
            }
            open.remove(0).close();
            Await.until("room again", 15, () -> {
                try {
                    Events next = new Events("device=default/d");
                    open.add(next);
                    return next.status.contains("200");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        } finally {
            for (Events events : open) {
                events.close();
            }
        }
    }

    @Test
    void theEndOfTheServiceEndsTheStreams() throws Exception {
        try (Events events = new Events("device=default/d")) {
            events.next("device");
            long start = System.nanoTime();
            cloud.close();
            while (events.in.readLine() != null) {
                assertTrue(System.nanoTime() - start < 5_000_000_000L);
            }
            assertTrue(System.nanoTime() - start < 5_000_000_000L);
        }
    }
}
