package io.kelp.devicetwin.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.testkit.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Feeds the recorded cloud and the recorded MQTT clients to the gateway; it must say what the recorded edge said.
 * A step lasts from one note of the recording to the next; inside a step the order of the outputs is free. Ids and
 * times are not compared, but where one was there must be one. Confirmations of reports are given at once.
 *
 * <p>Deliberate differences are listed where a recording is replayed. The twins are not compared with the Device
 * object in these tests (that happens a moment after it came; {@link CloudObjectTest} tests it).
 */
class VectorReplayTest {

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern TIME = Pattern.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}Z?");
    private static final long FIRST_TIME = 1_710_000_000_000L;
    private static final String CLASSIC = "05-classic-v1.14/";
    private static final String MODERN = "04-devices-v1beta1/";

    /** One step: what happened and what the recorded edge said. */
    private record Step(String note, List<JsonObject> inputs, List<String> outputs) {}

    /** A difference on purpose. */
    private static final class Deviation {
        private final String why;
        private final String step;
        private final String output;
        private final int more; // 1: we say it, the recorded edge did not; -1: the other way round
        private int used;

        Deviation(String why, String step, int more, String output) {
            this.why = why;
            this.step = step;
            this.more = more;
            this.output = output;
        }
    }

    private final List<Deviation> deviations = new ArrayList<>();
    private int outputs;

    private void more(String why, String step, String output) {
        deviations.add(new Deviation(why, step, 1, output));
    }

    private void less(String why, String step, String output) {
        deviations.add(new Deviation(why, step, -1, output));
    }

    @Test
    void classicCounterDemoAndItsSecondRoundAndRequestsAndChangesAndDelete() {
        String real = "parse errors go to the device's topic, too, where whoever asked sees them";
        for (String[] error : new String[][] {
            {"bad twin name", "u12", ValueRules.BAD_NAME}, {"bad value (blank)", "u13", ValueRules.BAD_VALUE},
            {"not JSON", "", TwinRequest.NOT_JSON}, {"twin missing", "u14", TwinRequest.NO_TWIN}, {"twin null", "u15", TwinRequest.NO_TWIN}}) {
            more(real, error[0], error("counter", error[1], error[2]));
        }
        try (Gateway gateway = gateway("edge-node")) {
            replay(gateway, CLASSIC + "02-counter-demo", event -> true);
            replay(gateway, CLASSIC + "03-counter-demo-second-round", event -> true);
            replay(gateway, CLASSIC + "04-mqtt-requests", event -> true);
            replay(gateway, CLASSIC + "05-device-changes", event -> true);
        }
        allDeviationsSeen();
        assertTrue(outputs > 150, outputs + " outputs compared");
    }

    @Test
    void classicDevicesDeleted() {
        try (Gateway gateway = gateway("edge-node")) {
            gateway.twinMessage("membership", "{'added_devices':[{'id':'counter','name':'counter','description':'counter','twin':"
                    + "{'status':{'expected':{'value':'OFF','metadata':{'timestamp':1}},'optional':false,'metadata':{'type':'string'},"
                    + "'expected_version':{'cloud':345,'edge':0}}}},{'id':'pump','name':'pump','description':'a-pump','twin':{}}],'removed_devices':null}");
            gateway.published();
            replay(gateway, CLASSIC + "07-delete", event -> true);
        }
        allDeviationsSeen();
    }

    @Test
    void classicOutage() {
        String object = "a device of which only the object has come is served";
        String twin = "{'status':{'expected':{'value':'ON','metadata':{'timestamp':'<time>'}},'optional':false,'metadata':{'type':'string'}}}";
        more(object, "", published("$hw/events/device/late/twin/get/result", "{'event_id':'g2','timestamp':'<time>','twin':{}}"));
        less(object, "", published("$hw/events/device/late/twin/get/result",
                "{'event_id':'g2','timestamp':'<time>','code':404,'reason':'Device late not found while getting twin'}"));
        String late = "PATCH devices.v1alpha2.devices.kubeedge.io late -n default (merge)";
        less(object, late, published("$hw/events/device/late/twin/update/result", "{'event_id':'<id>','timestamp':'<time>','code':404,"
                + "'reason':'update rejected due to the device is not existed'}"));
        more(object, late, published("$hw/events/device/late/twin/update/document",
                "{'event_id':'<id>','timestamp':'<time>','twin':{'status':{'last':null,'current':" + twin.substring(10, twin.length() - 1) + "}}}"));
        more(object, late, published("$hw/events/device/late/twin/update/delta",
                "{'event_id':'<id>','timestamp':'<time>','twin':" + twin + ",'delta':{'status':'ON'}}"));
        try (Gateway gateway = gateway("edge-node")) {
            gateway.twinMessage("membership", "{'added_devices':[{'id':'counter','name':'counter','description':'counter','twin':"
                    + "{'status':{'expected':{'value':'OFF','metadata':{'timestamp':1}},'optional':false,'metadata':{'type':'string'},"
                    + "'expected_version':{'cloud':600,'edge':0}}}}],'removed_devices':null}");
            gateway.published();
            gateway.disconnect();
            gateway.sent();
            replay(gateway, CLASSIC + "06-offline-and-reconnect", event -> true);
        }
        allDeviationsSeen();
    }

    @Test
    void modernDevicesCreatedAndUpdated() {
        String extension = "desired values of v1beta1 devices are seen on MQTT, too";
        String expected = "'optional':false,'metadata':{'type':'%s'}}";
        String sw = "{'expected':{'value':'%s','metadata':{'timestamp':'<time>'}}," + String.format(expected, "string");
        String temp = "{'expected':{'value':'20','metadata':{'timestamp':'<time>'}}," + String.format(expected, "int");
        String off = String.format(sw, "OFF");
        String on = String.format(sw, "ON");
        String document = "$hw/events/device/default/pump/twin/update/document";
        String delta = "$hw/events/device/default/pump/twin/update/delta";
        String patched = "PATCH devices.v1beta1.devices.kubeedge.io pump -n default (json)";
        more(extension, patched, published(document, "{'event_id':'','timestamp':'<time>','twin':{'switch':{'last':" + off + ",'current':" + on + "}}}"));
        more(extension, patched, published(delta, "{'event_id':'<id>','timestamp':'<time>','twin':{'switch':" + on + ",'temp':" + temp
                + "},'delta':{'switch':'ON','temp':'20'}}"));
        more(extension, "kubectl create", published(document, "{'event_id':'','timestamp':'<time>','twin':{'switch':{'last':null,'current':" + off
                + "},'temp':{'last':null,'current':" + temp + "}}}"));
        more(extension, "kubectl create", published(delta, "{'event_id':'<id>','timestamp':'<time>','twin':{'switch':" + off + ",'temp':" + temp
                + "},'delta':{'switch':'OFF','temp':'20'}}"));
        try (Gateway gateway = gateway("edge-a")) {
            replay(gateway, MODERN + "01-create", event -> true);
            assertEquals("OFF", gateway.desired("pump", "switch"));
            replay(gateway, MODERN + "02-update", event -> true);
            assertEquals("ON", gateway.desired("pump", "switch"));
            assertEquals("changed", gateway.twins.device(Gateway.id("pump")).orElseThrow().model().getAsJsonObject("spec")
                    .getAsJsonArray("properties").get(0).getAsJsonObject().get("description").getAsString());
        }
        allDeviationsSeen();
    }

    @Test
    void modernRequestsOfMqttClients() {
        String real = "parse errors go to the device's topic, too, where whoever asked sees them";
        for (String[] error : new String[][] {
            {"bad twin name", "x4", ValueRules.BAD_NAME}, {"bad value", "x5", ValueRules.BAD_VALUE}, {"not JSON", "", TwinRequest.NOT_JSON},
            {"twin missing", "x6", TwinRequest.NO_TWIN}, {"value is a number in JSON", "x11", TwinRequest.NOT_JSON}}) {
            more(real, error[0], error("default/pump", error[1], error[2]));
        }
        try (Gateway gateway = gateway("edge-a")) {
            // As in the recorded edge the MQTT twins know nothing of the object: desired on MQTT is an extension.
            gateway.twinMessage("membership", "{'added_devices':[{'id':'default/pump','name':'pump','description':'a-pump'}],'removed_devices':null}");
            gateway.published();
            // The form without namespace is served, too (MqttRequestTest); the recorded edge ignores it.
            replay(gateway, MODERN + "03-mqtt-requests", event -> !event.has("topic")
                    || !event.get("topic").getAsString().equals("$hw/events/device/pump/twin/update"));
        }
        allDeviationsSeen();
        assertTrue(outputs > 60, outputs + " outputs compared");
    }

    @Test
    void modernSecondDeviceMoveAndDelete() {
        String extension = "desired values of v1beta1 devices are seen on MQTT, too";
        try (Gateway gateway = gateway("edge-a")) {
            replay(gateway, MODERN + "01-create", event -> true, false);
            replay(gateway, MODERN + "02-update", event -> true, false);
            String sw = "{'expected':{'value':'%s','metadata':{'timestamp':'<time>'}},'optional':false,'metadata':{'type':'string'}}";
            String temp = "{'expected':{'value':'20','metadata':{'timestamp':'<time>'}},'optional':false,'metadata':{'type':'int'}}";
            for (String[] device : new String[][] {{"kubectl create", "pump2", "OFF"},
                {"PATCH devices.v1beta1.devices.kubeedge.io pump -n default (merge)", "pump", "ON"}}) {
                String topic = "$hw/events/device/default/" + device[1] + "/twin/update/";
                String value = String.format(sw, device[2]);
                more(extension, device[0], published(topic + "document", "{'event_id':'','timestamp':'<time>','twin':{'switch':{'last':null,'current':"
                        + value + "},'temp':{'last':null,'current':" + temp + "}}}"));
                more(extension, device[0], published(topic + "delta", "{'event_id':'<id>','timestamp':'<time>','twin':{'switch':" + value
                        + ",'temp':" + temp + "},'delta':{'switch':'" + device[2] + "','temp':'20'}}"));
            }
            replay(gateway, MODERN + "04-second-device-move-delete", event -> true);
            assertTrue(gateway.twins.devices().isEmpty(), gateway.twins.devices().toString());
        }
        allDeviationsSeen();
    }

    @Test
    void theGatewayAsksForItsMembershipAsTheRecordedEdgeDid() {
        try (Gateway gateway = gateway("edge-node")) {
            String recorded = Recording.events(CLASSIC + "01-join").stream().filter(Recording::isChannelMessage)
                    .map(VectorReplayTest::sent).filter(text -> text.contains("membership/detail")).findFirst().orElseThrow();
            assertEquals(List.of(recorded), gateway.sent().stream().map(VectorReplayTest::normal).toList());
        }
    }

    private static Gateway gateway(String node) {
        Gateway gateway = new Gateway(new FakeStore(), node, Map.of("compareMillis", 60_000));
        gateway.connect(Peer.KUBEEDGE);
        return gateway;
    }

    // ---- replay ----

    private void replay(Gateway gateway, String name, java.util.function.Predicate<JsonObject> taken) {
        gateway.sent();
        replay(gateway, name, taken, true);
    }

    private void replay(Gateway gateway, String name, java.util.function.Predicate<JsonObject> taken, boolean compared) {
        for (Step step : steps(name)) {
            step.inputs().stream().filter(taken).forEach(input -> feed(gateway, input));
            gateway.settle();
            List<String> said = new ArrayList<>();
            gateway.published().forEach(p -> said.add(published(p.topic(), p.payload())));
            gateway.sent().forEach(m -> said.add(normal(m)));
            if (compared) {
                compare(name + ", step \"" + step.note() + "\"", step, said);
            }
        }
    }

    private static List<Step> steps(String name) {
        List<Step> steps = new ArrayList<>(List.of(new Step("", new ArrayList<>(), new ArrayList<>())));
        for (JsonObject event : Recording.events(name)) {
            String direction = event.get("dir").getAsString();
            Step step = steps.get(steps.size() - 1);
            if (direction.equals("note") && event.get("note").getAsString().startsWith("API server now")) {
                continue; // says nothing and would cut a step in two
            } else if (direction.equals("note")) {
                steps.add(new Step(event.get("note").getAsString(), new ArrayList<>(), new ArrayList<>()));
            } else if (direction.equals("mqtt client->edge") || direction.equals("cloud->edge") && event.has("msg") && isOurs(event)
                    || event.has("http") && direction.equals("cloud->edge") || event.has("event") && event.get("event").getAsString().equals("socket end")) {
                step.inputs().add(event);
            } else if (direction.equals("mqtt edge->client")) {
                step.outputs().add(published(event.get("topic").getAsString(), event.get("msg").getAsJsonObject()));
            } else if (direction.equals("edge->cloud") && event.has("msg")
                    && "twin".equals(DeviceObject.text(event.getAsJsonObject("msg").getAsJsonObject("route"), "source"))) {
                step.outputs().add(sent(event));
            }
        }
        return steps;
    }

    private static boolean isOurs(JsonObject event) {
        Message message = message(event);
        return CloudEngine.claims(message) && !message.isAnswer();
    }

    private static Message message(JsonObject event) {
        try {
            return MessageCodec.decode(event.get("msg").toString());
        } catch (Exception e) {
            throw new AssertionError(event.toString(), e);
        }
    }

    private static void feed(Gateway gateway, JsonObject input) {
        if (input.has("topic")) {
            String payload = input.has("payloadText") ? input.get("payloadText").getAsString() : input.get("msg").toString();
            gateway.mqtt(input.get("topic").getAsString(), payload);
        } else if (input.has("http")) {
            gateway.connect(Peer.KUBEEDGE);
        } else if (input.has("event")) {
            gateway.disconnect();
        } else {
            Gateway.await(gateway.twins.handle(message(input))); // stored, which the hub acknowledges
            gateway.settle();
        }
    }

    private void compare(String where, Step step, List<String> said) {
        Map<String, Integer> balance = balance(step.outputs(), said);
        for (Deviation d : deviations) {
            if (d.step.isEmpty() || d.step.equals(step.note())) {
                Integer left = balance.get(d.output);
                if (left != null && left * d.more > 0) {
                    balance.merge(d.output, -d.more, Integer::sum);
                    d.used++;
                }
            }
        }
        balance.values().removeIf(n -> n == 0);
        assertEquals(Map.of(), balance, where + ": 1 = we said it, -1 = the recorded edge said it");
        outputs += step.outputs().size();
        mutations(where, step.outputs());
    }

    private static Map<String, Integer> balance(List<String> recorded, List<String> said) {
        Map<String, Integer> balance = new TreeMap<>();
        said.forEach(text -> balance.merge(text, 1, Integer::sum));
        recorded.forEach(text -> balance.merge(text, -1, Integer::sum));
        balance.values().removeIf(n -> n == 0);
        return balance;
    }

    private void allDeviationsSeen() {
        deviations.forEach(d -> assertFalse(d.used == 0, "never needed: " + d.why + ": " + d.output));
    }

    /** Whatever single field of an output were different, the comparison would see it. */
    private static void mutations(String where, List<String> outputs) {
        for (String output : outputs) {
            JsonObject json = JsonParser.parseString(output).getAsJsonObject();
            int leaves = leaves(json);
            assertTrue(leaves > 2, output);
            for (int i = 0; i < leaves; i++) {
                JsonObject mutant = json.deepCopy();
                mutate(mutant, new int[] {i});
                assertNotEquals(Map.of(), balance(List.of(output), List.of(normal(mutant).toString())), where + " field " + i + " of " + output);
            }
        }
    }

    private static int leaves(JsonElement json) {
        if (json.isJsonObject()) {
            return json.getAsJsonObject().entrySet().stream().mapToInt(e -> leaves(e.getValue())).sum();
        }
        if (json.isJsonArray()) {
            return json.getAsJsonArray().asList().stream().mapToInt(VectorReplayTest::leaves).sum();
        }
        return 1;
    }

    private static JsonElement mutate(JsonElement json, int[] index) {
        if (json.isJsonObject()) {
            for (Map.Entry<String, JsonElement> e : json.getAsJsonObject().entrySet()) {
                e.setValue(mutate(e.getValue(), index));
            }
            return json;
        }
        if (json.isJsonArray()) {
            JsonArray array = json.getAsJsonArray();
            for (int i = 0; i < array.size(); i++) {
                array.set(i, mutate(array.get(i), index));
            }
            return json;
        }
        return index[0]-- == 0 ? new JsonPrimitive("another " + json) : json;
    }

    // ---- normal form ----

    private static String error(String topicId, String eventId, String reason) {
        JsonObject payload = new JsonObject();
        payload.addProperty("event_id", eventId);
        payload.addProperty("timestamp", FIRST_TIME);
        payload.addProperty("code", 400);
        payload.addProperty("reason", reason);
        return published("$hw/events/device/" + topicId + "/twin/update/result", payload);
    }

    private static String published(String topic, String payload) {
        return published(topic, Gateway.json(payload));
    }

    private static String published(String topic, JsonObject payload) {
        JsonObject json = new JsonObject();
        json.addProperty("topic", topic);
        json.add("payload", payload);
        return normal(json).toString();
    }

    private static String sent(JsonObject event) {
        return normal(message(event));
    }

    private static String normal(Message message) {
        JsonObject json = new JsonObject();
        json.addProperty("route", message.source() + " " + message.group() + " " + message.operation() + " " + message.resource());
        boolean string = message.content().isJsonPrimitive();
        json.addProperty("contentIsString", string);
        json.add("content", string ? message.contentAsJson() : message.content());
        return normal(json).toString();
    }

    private static JsonElement normal(JsonElement json) {
        if (json.isJsonObject()) {
            JsonObject normal = new JsonObject();
            json.getAsJsonObject().entrySet().forEach(e -> normal.add(e.getKey(), normal(e.getValue())));
            return normal;
        }
        if (json.isJsonArray()) {
            JsonArray normal = new JsonArray();
            json.getAsJsonArray().forEach(e -> normal.add(normal(e)));
            return normal;
        }
        if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isNumber() && json.getAsLong() >= FIRST_TIME) {
            return new JsonPrimitive("<time>");
        }
        if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isString()) {
            String text = json.getAsString();
            return UUID.matcher(text).matches() ? new JsonPrimitive("<id>") : TIME.matcher(text).matches() ? new JsonPrimitive("<time>") : json;
        }
        return json;
    }
}
