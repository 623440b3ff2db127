package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DesiredWriterTest {

    private static final String DEVICES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices";

    private final FakeKubeApi api = new FakeKubeApi();
    private volatile Device known;
    private final DesiredWriter writer = new DesiredWriter(api, (namespace, name) -> Optional.ofNullable(known), "people");

    private void create(String spec, String status) {
        known = Device.of(api.create(DEVICES, JsonParser.parseString("{'metadata':{'name':'d'},'spec':" + spec + ",'status':" + status + "}").getAsJsonObject()).join());
    }

    private String stored() {
        JsonObject device = api.get(DEVICES + "/d").join();
        return device.get("spec") + " " + device.get("status");
    }

    private KubeException refused(String property) {
        CompletionException problem = assertThrows(CompletionException.class, () -> writer.write("default", "d", property, "1").join());
        return (KubeException) problem.getCause();
    }

    @Test
    void changesNothingButTheValue() {
        create("{'nodeName':'n','properties':[{'name':'a'},{'name':'b','desired':{'value':'0','metadata':{'type':'int'}},'reportCycle':5}]}", "{}");
        writer.write("default", "d", "b", "1").join();
        assertEquals("{\"nodeName\":\"n\",\"properties\":[{\"name\":\"a\"},{\"desired\":{\"metadata\":{\"type\":\"int\"},\"value\":\"1\"},\"name\":\"b\",\"reportCycle\":5}]} {}", stored());
    }

    @Test
    void givesAPropertyItsFirstDesiredValue() {
        create("{'nodeName':'n','properties':[{'name':'a'}]}", "{}");
        writer.write("default", "d", "a", "x").join();
        assertTrue(stored().contains("{\"desired\":{\"value\":\"x\"},\"name\":\"a\"}"), stored());
    }

    @Test
    void writesTheTwinOfAClassicDevice() {
        create("{'nodeSelector':{}}", "{'twins':[{'propertyName':'p','desired':{'value':'OFF'},'reported':{'value':'7'}}]}");
        writer.write("default", "d", "p", "ON").join();
        assertTrue(stored().contains("{\"desired\":{\"value\":\"ON\"},\"propertyName\":\"p\",\"reported\":{\"value\":\"7\"}}"), stored());
    }

    @Test
    void findsItsPropertyAgainWhenTheListHasChangedMeanwhile() {
        create("{'nodeName':'n','properties':[{'name':'a'},{'name':'b'}]}", "{}");
        api.patch(DEVICES + "/d", PatchType.MERGE, "{'spec':{'properties':[{'name':'b','desired':{'value':'kept'}},{'name':'a'}]}}").join();
        writer.write("default", "d", "a", "x").join();
        assertTrue(stored().contains("[{\"desired\":{\"value\":\"kept\"},\"name\":\"b\"},{\"desired\":{\"value\":\"x\"},\"name\":\"a\"}]"), stored());
    }

    @Test
    void aPropertyThatIsGoneIsNotThere() {
        create("{'nodeName':'n','properties':[{'name':'a'}]}", "{}");
        assertEquals("Device default/d has no property other.", refused("other").getMessage());
        known = null;
        assertEquals(404, refused("a").code());
    }

    @Test
    void aDeviceThatWasMadeAnewIsNotWritten() {
        create("{'nodeName':'n','properties':[{'name':'a'}]}", "{}");
        Device first = known;
        api.delete(DEVICES + "/d", null).join();
        create("{'nodeName':'n','properties':[{'name':'a'}]}", "{}");
        known = first;
        assertEquals(404, refused("a").code());
        assertTrue(!stored().contains("desired"), stored());
    }

    @Test
    void aRefusalThatIsNotAboutOurTestsIsToldAfterOneLookAtTheNewestObject() {
        create("{'nodeName':'n','properties':[{'name':'a'}]}", "{}");
        AtomicInteger tries = new AtomicInteger();
        JsonObject status = JsonParser.parseString("{'kind':'Status','message':'admission webhook says no','code':422}").getAsJsonObject();
        api.refuse = path -> {
            tries.incrementAndGet();
            assertTrue(path.endsWith("/devices/d?fieldManager=people"), path);
            return new KubeException(422, status);
        };
        assertEquals("admission webhook says no", refused("a").getMessage());
        assertEquals(2, tries.get());
    }
}
