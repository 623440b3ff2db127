package io.kelp.cloud.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi.PatchType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class CustomResourcesRealServerTest {

    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String ALPHA = "/apis/devices.kubeedge.io/v1alpha2/namespaces/default/";
    private static final String BETA = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/";

    private static final String CLASSIC_SPEC = """
            {"deviceModelRef":{"name":"pump-model"},
             "protocol":{"modbus":{"slaveID":1},"opcua":{"url":"opc.tcp://h","timeout":5},"bluetooth":{"macAddress":"AA"},
              "customizedProtocol":{"protocolName":"c","configData":{"a":{"b":[1,2.5]}}},
              "common":{"com":{"serialPort":"/dev/ttyS0","baudRate":9600,"dataBits":8,"parity":"even","stopBits":1},
               "tcp":{"ip":"10.0.0.1","port":502},"commType":"x","collectType":"sync","customizedValues":{"k":"v"}}},
             "nodeSelector":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"","operator":"In","values":["edge-node"]}]}]},
             "propertyVisitors":[{"propertyName":"temp","collectCycle":500000000,"reportCycle":1000000000,
               "customizedValues":{"x":1},"modbus":{"register":"HoldingRegister","offset":2,"limit":1,"scale":1.5,"isSwap":true}},
              {"propertyName":"b","bluetooth":{"characteristicUUID":"u","dataWrite":{"ON":"AQ=="},
               "dataConverter":{"startIndex":1,"endIndex":2,"orderOfOperations":[{"operationType":"Multiply","operationValue":0.5}]}}},
              {"propertyName":"o","opcua":{"nodeID":"n","browseName":"bn"}}],
             "data":{"dataTopic":"t","dataProperties":[{"propertyName":"temp","metadata":{"type":"string"}}]}}""";
    private static final String CLASSIC_STATUS = """
            {"twins":[{"propertyName":"temp","desired":{"value":"20","metadata":{"type":"int"}},
              "reported":{"value":"19","metadata":{"timestamp":"1","type":"int"}}}]}""";
    private static final String MODERN_SPEC = """
            {"deviceModelRef":{"name":"pump-model"},"nodeName":"edge-a",
             "protocol":{"protocolName":"modbus","configData":{"ip":"10.0.0.5","nested":{"a":[1,2.5,"x",true]}}},
             "properties":[{"name":"switch","desired":{"value":"OFF","metadata":{"type":"string"}},"reportToCloud":true,
               "collectCycle":1000,"reportCycle":1000,"visitors":{"protocolName":"modbus","configData":{"offset":2}},
               "pushMethod":{"mqtt":{"address":"tcp://h:1","topic":"t","qos":1,"retained":true},
                "dbMethod":{"TDEngine":{"TDEngineClientConfig":{"addr":"a","dbName":"d"}}}}}],
             "methods":[{"name":"m","description":"d","propertyNames":["switch"]}],
             "stateReport":{"reportToCloud":true,"reportCycle":5}}""";
    private static final String CLASSIC_MODEL_SPEC = """
            {"properties":[{"name":"temp","description":"t","type":{"int":{"accessMode":"ReadWrite","defaultValue":1,"minimum":0,"maximum":100,"unit":"C"}}},
             {"name":"on","type":{"boolean":{"accessMode":"ReadOnly","defaultValue":false}}}]}""";
    private static final String MODERN_MODEL_SPEC = """
            {"protocol":"modbus","protocolConfigData":{"a":1},"properties":[{"name":"switch","type":"STRING","accessMode":"ReadWrite",
             "minimum":"0","maximum":"9","unit":"u","visitors":{"protocolName":"m","configData":{"x":1}}}]}""";

    private static RealApiServer server;
    private static KubeClient client;

    @BeforeAll
    static void start() throws Exception {
        server = RealApiServer.start();
        client = server.client();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    @AfterEach
    void removeDefinitions() throws Exception {
        for (String plural : new String[] {"devices", "devicemodels", "devicestatuses"}) {
            String path = CRDS + "/" + plural + ".devices.kubeedge.io";
            client.delete(path, null).handle((ok, problem) -> null).get(20, TimeUnit.SECONDS);
            Await.until("definition gone", 30, () -> client.get(path).handle((ok, problem) -> problem != null).join());
        }
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private static <T> T done(CompletableFuture<T> stage) throws Exception {
        return stage.get(30, TimeUnit.SECONDS);
    }

    private static void install() throws Exception {
        done(new CustomResources(client).install(Duration.ofSeconds(20)));
    }

    private static JsonObject object(String version, String kind, String name, String spec, String status) {
        JsonObject object = json("{'apiVersion':'devices.kubeedge.io/" + version + "','kind':'" + kind
                + "','metadata':{'name':'" + name + "'}}");
        object.add("spec", json(spec));
        if (status != null) {
            object.add("status", json(status));
        }
        return object;
    }

    private static JsonObject definition(String plural) throws Exception {
        return done(client.get(CRDS + "/" + plural + ".devices.kubeedge.io"));
    }

    @Test
    void installingTwiceChangesNothingTheSecondTime() throws Exception {
        install();
        String before = definition("devices").getAsJsonObject("metadata").get("resourceVersion").getAsString();
        install();
        assertEquals(before, definition("devices").getAsJsonObject("metadata").get("resourceVersion").getAsString());
        JsonObject syncs = done(client.get(CRDS + "/objectsyncs.reliablesyncs.kubeedge.io"));
        assertTrue(syncs.getAsJsonObject("spec").getAsJsonArray("versions").get(0).getAsJsonObject().has("subresources"));
    }

    @Test
    void aClassicDeviceAndItsModelSurviveTheRoundTripThroughEitherVersion() throws Exception {
        install();
        done(client.create(ALPHA + "devices", object("v1alpha2", "Device", "c", CLASSIC_SPEC, CLASSIC_STATUS)));
        done(client.create(ALPHA + "devicemodels", object("v1alpha2", "DeviceModel", "c", CLASSIC_MODEL_SPEC, null)));
        for (String version : new String[] {BETA, ALPHA}) {
            done(client.patch(version + "devices/c", PatchType.MERGE, "{\"metadata\":{\"labels\":{\"via\":\"" + version.length() + "\"}}}"));
            for (String read : new String[] {BETA, ALPHA}) {
                assertEquals(json(CLASSIC_SPEC), done(client.get(read + "devices/c")).get("spec"));
                assertEquals(json(CLASSIC_STATUS), done(client.get(read + "devices/c")).get("status"));
                assertEquals(json(CLASSIC_MODEL_SPEC), done(client.get(read + "devicemodels/c")).get("spec"));
            }
        }
    }

    @Test
    void aModernDeviceSurvivesAPatchThroughTheClassicVersion() throws Exception {
        install();
        done(client.create(BETA + "devices", object("v1beta1", "Device", "m", MODERN_SPEC, null)));
        done(client.create(BETA + "devicemodels", object("v1beta1", "DeviceModel", "m", MODERN_MODEL_SPEC, null)));
        done(client.patch(ALPHA + "devices/m", PatchType.MERGE, CLASSIC_STATUS.replaceFirst("^\\{", "{\"status\":{") + "}"));
        done(client.patch(ALPHA + "devicemodels/m", PatchType.MERGE, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
        assertEquals(json(MODERN_SPEC), done(client.get(BETA + "devices/m")).get("spec"));
        assertEquals(json(CLASSIC_STATUS), done(client.get(BETA + "devices/m")).get("status"));
        assertEquals(json(MODERN_MODEL_SPEC), done(client.get(BETA + "devicemodels/m")).get("spec"));
    }

    @Test
    void whatIsWrongIsStillRefused() throws Exception {
        install();
        refused(422, BETA + "devicemodels", object("v1beta1", "DeviceModel", "x", "{'properties':[{'name':'a','type':'NUMBER'}]}", null));
        refused(422, ALPHA + "devices", object("v1alpha2", "Device", "x", "{'nodeSelector':{}}", null));
        refused(422, ALPHA + "devices", object("v1alpha2", "Device", "x", "{}", "{'twins':[{'desired':{}}]}"));
        refused(422, BETA + "devices", object("v1beta1", "device", "x", "{}", null));
    }

    private static void refused(int code, String path, JsonObject object) {
        KubeException refused = assertInstanceOf(KubeException.class,
                assertThrows(ExecutionException.class, () -> done(client.create(path, object))).getCause());
        assertEquals(code, refused.code(), refused.getMessage());
    }

    /** What a release that knew only v1alpha2 has installed: fields of its own, one stored version. */
    private static JsonObject oldDefinition() {
        JsonObject old = CustomResources.definition("devices");
        JsonArray versions = old.getAsJsonObject("spec").getAsJsonArray("versions");
        versions.remove(1);
        JsonObject alpha = versions.get(0).getAsJsonObject();
        alpha.addProperty("storage", true);
        alpha.remove("additionalPrinterColumns");
        JsonObject properties = alpha.getAsJsonObject("schema").getAsJsonObject("openAPIV3Schema").getAsJsonObject("properties");
        JsonObject spec = properties.getAsJsonObject("spec").getAsJsonObject("properties");
        for (String modern : new String[] {"nodeName", "properties", "methods", "stateReport"}) {
            spec.remove(modern);
        }
        spec.getAsJsonObject("protocol").getAsJsonObject("properties").remove("protocolName");
        spec.add("vendorExtra", json("{'type':'string'}"));
        properties.getAsJsonObject("status").remove("x-kubernetes-preserve-unknown-fields");
        return old;
    }

    @Test
    void anInstallationOfAnOldReleaseIsExtendedWithoutLoss() throws Exception {
        JsonObject old = oldDefinition();
        old.getAsJsonObject("metadata").add("labels", json("{'app':'kubeedge'}"));
        done(client.create(CRDS, old));
        Await.until("old definition served", 20, () -> client.get(ALPHA + "devices").handle((ok, problem) -> problem == null).join());
        String spec = CLASSIC_SPEC.replaceFirst("^\\{", "{\"vendorExtra\":\"keep\",");
        JsonObject created = done(client.create(ALPHA + "devices", object("v1alpha2", "Device", "old", spec, CLASSIC_STATUS)));
        assertEquals(json(spec), created.get("spec"));

        install();

        JsonObject now = definition("devices");
        assertEquals("kubeedge", now.getAsJsonObject("metadata").getAsJsonObject("labels").get("app").getAsString());
        assertEquals(JsonParser.parseString("[\"v1alpha2\",\"v1beta1\"]"), now.getAsJsonObject("status").get("storedVersions"));
        JsonObject stored = done(client.get(ALPHA + "devices/old"));
        assertEquals(json(spec), stored.get("spec"));
        Await.until("v1beta1 served", 20, () -> client.get(BETA + "devices").handle((ok, problem) -> problem == null).join());
        JsonObject modern = done(client.get(BETA + "devices/old"));
        JsonObject expected = json(spec);
        expected.remove("vendorExtra");
        for (var field : expected.entrySet()) {
            assertEquals(field.getValue(), modern.getAsJsonObject("spec").get(field.getKey()), field.getKey());
        }
        done(client.patch(BETA + "devices/old", PatchType.MERGE, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
        assertEquals(json(spec), done(client.get(ALPHA + "devices/old")).get("spec"));
        assertEquals(json(CLASSIC_STATUS), done(client.get(ALPHA + "devices/old")).get("status"));
    }

    @Test
    void aNewerInstallationIsNotTurnedBack() throws Exception {
        JsonObject newer = CustomResources.definition("devices");
        JsonArray versions = newer.getAsJsonObject("spec").getAsJsonArray("versions");
        versions.get(1).getAsJsonObject().addProperty("storage", false);
        JsonObject v1 = versions.get(1).deepCopy().getAsJsonObject();
        v1.addProperty("name", "v1");
        v1.addProperty("storage", true);
        versions.add(v1);
        done(client.create(CRDS, newer));
        install();
        String storage = "";
        for (JsonElement version : definition("devices").getAsJsonObject("spec").getAsJsonArray("versions")) {
            if (version.getAsJsonObject().get("storage").getAsBoolean()) {
                storage = version.getAsJsonObject().get("name").getAsString();
            }
        }
        assertEquals("v1", storage);
        assertFalse(definition("devices").getAsJsonObject("spec").getAsJsonArray("versions").size() < 3);
    }
}
