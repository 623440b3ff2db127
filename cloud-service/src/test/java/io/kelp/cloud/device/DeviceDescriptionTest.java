package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.cloud.device.DeviceDescription.Property;
import io.kelp.cloud.device.DeviceDescription.Type;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceDescriptionTest {

    private static Device device(String metadata, String spec, String status) {
        return Device.of(JsonParser.parseString("{'metadata':{'name':'d','namespace':'default','uid':'u'" + (metadata.isEmpty() ? "" : "," + metadata) + "},'spec':" + spec + ",'status':" + status + "}").getAsJsonObject());
    }

    private static DeviceModel model(String metadata, String properties) {
        return DeviceModel.of(JsonParser.parseString("{'metadata':{'name':'m','namespace':'default'" + (metadata.isEmpty() ? "" : "," + metadata) + "},'spec':{'protocol':'modbus','properties':" + properties + "}}").getAsJsonObject());
    }

    @Test
    void readsBothGenerationsAlike() {
        List<Property> modern = DeviceDescription.of(device("", "{'nodeName':'n','properties':[{'name':'p'}]}", "{}"),
                model("", "[{'name':'p','type':'INT','accessMode':'ReadWrite','minimum':'1','maximum':'9','unit':'mm','description':'d'}]")).properties();
        List<Property> classic = DeviceDescription.of(device("", "{'nodeSelector':{}}", "{'twins':[{'propertyName':'p'}]}"),
                model("", "[{'name':'p','description':'d','type':{'int':{'accessMode':'ReadWrite','minimum':1,'maximum':9,'unit':'mm'}}}]")).properties();
        assertEquals(List.of(new Property("p", "d", Type.INT, true, "1", "9", "mm", "", List.of())), modern);
        assertEquals(modern, classic);
    }

    @Test
    void whatTheModelDoesNotForbidMayBeWritten() {
        DeviceDescription described = DeviceDescription.of(device("", "{'nodeName':'n','properties':[{'name':'a'},{'name':'b'},{'name':'c'}]}", "{}"),
                model("", "[{'name':'a','type':'STRING'},{'name':'b','type':'STREAM','accessMode':'ReadWrite'}]"));
        assertEquals(List.of(true, false, true), described.properties().stream().map(Property::writable).toList());
        DeviceDescription without = DeviceDescription.of(device("", "{'nodeName':'n','properties':[{'name':'a'}]}", "{}"), null);
        assertFalse(without.hasModel());
        assertTrue(without.properties().get(0).writable());
    }

    @Test
    void optionsComeFromAnnotationsOrTheVisitor() {
        DeviceModel model = model("'annotations':{'values.kelp.io/a':'x, y'}", "[{'name':'a'},{'name':'b','visitors':{'configData':{'enum':['1',2]}}}]");
        DeviceDescription described = DeviceDescription.of(device("", "{'nodeName':'n','properties':[{'name':'a'},{'name':'b'},{'name':'c','visitors':{'configData':{'enum':['q']}}}]}", "{}"), model);
        assertEquals(List.of(List.of("x", "y"), List.of("1", "2"), List.of("q")), described.properties().stream().map(Property::options).toList());
        DeviceDescription own = DeviceDescription.of(device("'annotations':{'values.kelp.io/a':'z'}", "{'nodeName':'n','properties':[{'name':'a'}]}", "{}"), model);
        assertEquals(List.of("z"), own.properties().get(0).options());
    }

    @Test
    void theTimeOfTheNewestManagerOfThePropertiesIsTold() {
        DeviceDescription described = DeviceDescription.of(device("'managedFields':[{'time':'2030-01-01T00:00:00Z','fieldsV1':{'f:spec':{'f:properties':{}}}},"
                + "{'time':'2030-01-01T00:00:07Z','fieldsV1':{'f:spec':{'f:properties':{}}}},{'time':'2031-01-01T00:00:00Z','fieldsV1':{'f:metadata':{}}},{'fieldsV1':{'f:spec':{'f:properties':{}}}}]",
                "{'nodeName':'n','properties':[]}", "{}"), null);
        assertEquals(Instant.parse("2030-01-01T00:00:07Z").toEpochMilli(), described.desiredSinceMillis());
    }

    @Test
    void shapesThatNobodyForesawAreLeftOut() {
        DeviceDescription described = DeviceDescription.of(device("'annotations':3,'managedFields':[3]",
                "{'nodeName':'n','deviceModelRef':[],'protocol':'x','properties':[3,{'name':{}},{'name':'p','visitors':{'configData':{'enum':[[],{}]}}}]}", "[]"),
                model("", "[7,{'name':'p','type':7,'minimum':{}}]"));
        assertEquals(List.of(new Property("p", "", Type.UNKNOWN, true, "", "", "", "", List.of())), described.properties());
        assertEquals("modbus", described.protocol());
    }
}
