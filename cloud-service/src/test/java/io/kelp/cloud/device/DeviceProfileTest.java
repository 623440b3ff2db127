package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceProfileTest {

    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    /** The text that the tests of the original compare byte for byte (specification section 2.3). */
    @Test
    void theProfileOfTheLedIsTheTextThatTestsOfTheOriginalExpect() {
        Device device = Device.of(json("""
                {"metadata":{"name":"led-light-instance-01","namespace":"default"},
                 "spec":{"deviceModelRef":{"name":"led-light"},"nodeSelector":{"nodeSelectorTerms":[{"matchExpressions":
                  [{"key":"","operator":"In","values":["edge-node"]}]}]}},
                 "status":{"twins":[{"propertyName":"power-status","desired":{"metadata":{"type":"string"},"value":"ON"},
                  "reported":{"value":"unknown"}}]}}"""));
        DeviceModel model = DeviceModel.of(json("""
                {"metadata":{"name":"led-light","namespace":"default"},"spec":{"properties":[
                 {"name":"power-status","description":"Indicates whether the led light is ON/OFF","type":{"string":{"accessMode":"ReadWrite","defaultValue":"OFF"}}},
                 {"name":"gpio-pin-number","description":"Indicates the GPIO pin to which LED is connected","type":{"int":{"accessMode":"ReadOnly","defaultValue":18}}}]}}"""));
        assertEquals("edge-node", device.node());
        assertEquals("{\"deviceInstances\":[{\"id\":\"led-light-instance-01\",\"name\":\"led-light-instance-01\",\"model\":\"led-light\","
                + "\"twins\":[{\"propertyName\":\"power-status\",\"desired\":{\"value\":\"ON\",\"metadata\":{\"type\":\"string\"}},"
                + "\"reported\":{\"value\":\"unknown\"}}]}],\"deviceModels\":[{\"name\":\"led-light\",\"properties\":"
                + "[{\"name\":\"power-status\",\"dataType\":\"string\",\"description\":\"Indicates whether the led light is ON/OFF\","
                + "\"accessMode\":\"ReadWrite\",\"defaultValue\":\"OFF\"},{\"name\":\"gpio-pin-number\",\"dataType\":\"int\","
                + "\"description\":\"Indicates the GPIO pin to which LED is connected\",\"accessMode\":\"ReadOnly\",\"defaultValue\":18,"
                + "\"minimum\":0,\"maximum\":0}]}],\"protocols\":[{\"protocolConfig\":null,\"protocolCommonConfig\":null}]}",
                DeviceProfile.text(List.of(new DeviceProfile.Instance(device, Json.object(device.tree(), "status"))), name -> Optional.of(model)));
    }

    @Test
    void withoutDevicesTheTextIsAnEmptyObject() {
        assertEquals("{}", DeviceProfile.text(List.of(), name -> Optional.empty()));
    }

    @Test
    void textIsEscapedAsGoDoes() {
        assertEquals("\"\\u003ca\\u003e\\u0026'=\\\"\\\\\\n\\t\\u0001\\u2028°\"", GoJson.write(new JsonPrimitive("<a>&'=\"\\\n\t\u0001\u2028°")));
    }

    @Test
    void theGenerationIsToldByTheFields() {
        assertEquals(Generation.CLASSIC, Generation.ofDevice(json("{'spec':{'nodeSelector':{}}}")));
        assertEquals(Generation.CLASSIC, Generation.ofDevice(json("{'status':{'twins':[{'desired':{}}]}}")));
        assertEquals(Generation.CLASSIC, Generation.ofDevice(json("{'spec':{'protocol':{'modbus':{}}}}")));
        assertEquals(Generation.MODERN, Generation.ofDevice(json("{'spec':{'nodeName':'n','nodeSelector':{}}}")));
        assertEquals(Generation.MODERN, Generation.ofDevice(json("{'spec':{'properties':[{'name':'p'}]}}")));
        assertEquals(Generation.MODERN, Generation.ofDevice(json("{'spec':{'protocol':{'protocolName':'modbus'}}}")));
        assertEquals(Generation.MODERN, Generation.ofDevice(json("{}")));
        assertEquals(Generation.CLASSIC, Generation.ofModel(json("{'spec':{'properties':[{'type':{'int':{}}}]}}")));
        assertEquals(Generation.MODERN, Generation.ofModel(json("{'spec':{'properties':[{'type':'INT'}]}}")));
    }

    @Test
    void aSelectorWithoutAValueBindsToNoNode() {
        for (String selector : List.of("{}", "{'nodeSelectorTerms':[]}", "{'nodeSelectorTerms':[{}]}", "{'nodeSelectorTerms':[{'matchExpressions':[{}]}]}",
                "{'nodeSelectorTerms':[{'matchExpressions':[{'values':[]}]}]}", "{'nodeSelectorTerms':[3]}")) {
            assertEquals("", Device.of(json("{'metadata':{'name':'a'},'spec':{'nodeSelector':" + selector + "}}")).node(), selector);
        }
    }
}
