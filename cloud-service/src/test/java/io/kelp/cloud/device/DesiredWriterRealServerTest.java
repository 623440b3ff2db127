package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import io.kelp.cloud.kube.CustomResources;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.RealApiServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class DesiredWriterRealServerTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices";

    private static RealApiServer server;
    private static KubeClient client;
    private static DeviceController controller;
    private static DesiredWriter writer;

    @BeforeAll
    static void start() throws Exception {
        server = RealApiServer.start();
        client = server.client();
        new CustomResources(client).install(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
        Await.until("served", 20, () -> client.get(DEVICES).handle((ok, problem) -> problem == null).join());
        controller = new DeviceController(client, DeviceController.Settings.defaults());
        controller.start(new FakeHub("n", true)).get(20, TimeUnit.SECONDS);
        writer = controller.desiredWriter("kelp-page");
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            controller.close();
            client.close();
            server.close();
        }
    }

    private static void create(String json) throws Exception {
        JsonObject device = JsonParser.parseString(json).getAsJsonObject();
        client.create(DEVICES, device).get(10, TimeUnit.SECONDS);
        Await.until("known", () -> controller.values().describe("default", device.getAsJsonObject("metadata").get("name").getAsString()).isPresent());
    }

    private static JsonObject read(String name) throws Exception {
        return client.get(DEVICES + "/" + name).get(10, TimeUnit.SECONDS);
    }

    private static boolean isManager(JsonObject device, String field) {
        for (JsonElement entry : device.getAsJsonObject("metadata").getAsJsonArray("managedFields")) {
            JsonObject manager = entry.getAsJsonObject();
            if (manager.get("manager").getAsString().equals("kelp-page") && manager.get("fieldsV1").toString().contains(field)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aWriteIsAManagersInBothGenerations() throws Exception {
        create("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'modern'},'spec':{'nodeName':'n','properties':[{'name':'p'}]}}");
        writer.write("default", "modern", "p", "ON").get(10, TimeUnit.SECONDS);
        assertTrue(isManager(read("modern"), "f:properties"), read("modern").toString());
        Await.until("the time of the write is known", () -> controller.values().describe("default", "modern").orElseThrow().desiredSinceMillis() > 0);
        create("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'classic'},"
                + "'spec':{'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'','operator':'In','values':['n']}]}]}},'status':{'twins':[{'propertyName':'p','desired':{'value':'OFF'}}]}}");
        writer.write("default", "classic", "p", "ON").get(10, TimeUnit.SECONDS);
        assertTrue(isManager(read("classic"), "f:twins"), read("classic").toString());
        assertEquals("ON", read("classic").getAsJsonObject("status").getAsJsonArray("twins").get(0).getAsJsonObject().getAsJsonObject("desired").get("value").getAsString());
    }

    @Test
    void theServersWordsAreKeptWhenItRefuses() throws Exception {
        create("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'gone','finalizers':['example.org/x']},'spec':{'nodeName':'n','properties':[{'name':'p'}]}}");
        client.patch(DEVICES + "/gone", PatchType.MERGE, "{\"metadata\":{\"finalizers\":null}}").get(10, TimeUnit.SECONDS);
        client.delete(DEVICES + "/gone", null).get(10, TimeUnit.SECONDS);
        try {
            writer.write("default", "gone", "p", "1").join();
            throw new IllegalStateException("written");
        } catch (CompletionException e) {
            assertEquals(404, ((KubeException) e.getCause()).code(), e.toString());
        }
    }

    /** Somebody keeps turning the list round while each property is set ten times, several at once. */
    @Test
    void noValueGetsLostOrToAnotherPropertyWhileTheListIsReordered() throws Exception {
        List<String> names = List.of("a", "b", "c", "d", "e", "f");
        StringBuilder properties = new StringBuilder();
        names.forEach(name -> properties.append(properties.isEmpty() ? "" : ",").append("{'name':'").append(name).append("','desired':{'value':'0'}}"));
        create("{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device','metadata':{'name':'turned'},'spec':{'nodeName':'n','properties':[" + properties + "]}}");
        Random random = new Random(4);
        for (int round = 1; round <= 10; round++) {
            List<CompletableFuture<JsonObject>> writes = new ArrayList<>();
            String value = Integer.toString(round);
            names.forEach(name -> writes.add(writer.write("default", "turned", name, name + value)));
            for (int turn = 0; turn < 3; turn++) {
                reorder(random);
            }
            CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
            for (JsonElement property : read("turned").getAsJsonObject("spec").getAsJsonArray("properties")) {
                String name = property.getAsJsonObject().get("name").getAsString();
                assertEquals(name + value, property.getAsJsonObject().getAsJsonObject("desired").get("value").getAsString());
            }
        }
    }

    /** As an operator with {@code kubectl edit}: whole object with its version; a conflict is left at that. */
    private static void reorder(Random random) throws Exception {
        JsonObject device = read("turned");
        JsonArray properties = device.getAsJsonObject("spec").getAsJsonArray("properties");
        List<JsonElement> list = new ArrayList<>(properties.asList());
        Collections.shuffle(list, random);
        JsonArray turned = new JsonArray();
        list.forEach(turned::add);
        device.getAsJsonObject("spec").add("properties", turned);
        client.update(DEVICES + "/turned", device).handle((done, conflict) -> done).get(10, TimeUnit.SECONDS);
    }
}
