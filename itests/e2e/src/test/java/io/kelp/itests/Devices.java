package io.kelp.itests;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Device objects of both generations and what the API says of them. */
final class Devices {

    private Devices() {}

    static String counterModel(String name) {
        return """
                apiVersion: devices.kubeedge.io/v1beta1
                kind: DeviceModel
                metadata: {name: %s, namespace: default}
                spec:
                  protocol: counter
                  properties:
                  - {name: status, type: STRING, accessMode: ReadWrite}
                  - {name: count, type: INT, accessMode: ReadOnly}
                """.formatted(name);
    }

    static String counter(String name, String model, String node) {
        return """
                apiVersion: devices.kubeedge.io/v1beta1
                kind: Device
                metadata: {name: %s, namespace: default}
                spec:
                  deviceModelRef: {name: %s}
                  nodeName: %s
                  protocol: {protocolName: counter, configData: {}}
                  properties:
                  - {name: status, desired: {value: 'OFF'}, reportToCloud: true, collectCycle: 200, reportCycle: 200}
                  - {name: count, reportToCloud: true, collectCycle: 200, reportCycle: 200}
                """.formatted(name, model, node);
    }

    /** Model and device of the sample that comes in the zip with the simulator mapper, under a name of its own. */
    static String pumpStation(GatewayProcess gateway, String name) throws IOException {
        return Files.readString(gateway.home().resolve("device-mappers/simulator.yaml")).replace("pump-station-1", name)
                .replace("pump-station", name).replace("edge-node", gateway.node());
    }

    /** @param arguments members of a YAML map */
    static String call(String name, String device, String method, String arguments, int deadlineSeconds) {
        return """
                ---
                apiVersion: devices.kelp.io/v1alpha1
                kind: DeviceMethodCall
                metadata: {name: %s, namespace: default}
                spec: {deviceName: %s, method: %s, arguments: {%s}, deadlineSeconds: %d}
                """.formatted(name, device, method, arguments, deadlineSeconds);
    }

    /** A modern device whose one property nobody drives: values come over MQTT. */
    static String plain(String name, String model, String node, String desired) {
        return """
                apiVersion: devices.kubeedge.io/v1beta1
                kind: Device
                metadata: {name: %s, namespace: default}
                spec:
                  deviceModelRef: {name: %s}
                  nodeName: %s
                  protocol: {protocolName: foreign, configData: {}}
                  properties:
                  - name: value
                    desired: {value: '%s', metadata: {type: string}}
                    reportToCloud: true
                ---
                """.formatted(name, model, node, desired);
    }

    static String classicModel(String name) {
        return """
                apiVersion: devices.kubeedge.io/v1alpha2
                kind: DeviceModel
                metadata: {name: %s, namespace: default}
                spec:
                  properties:
                  - name: status
                    description: counter status
                    type: {string: {accessMode: ReadWrite, defaultValue: ''}}
                """.formatted(name);
    }

    static String classic(String name, String model, String node) {
        return """
                apiVersion: devices.kubeedge.io/v1alpha2
                kind: Device
                metadata: {name: %s, namespace: default, labels: {description: counter}}
                spec:
                  deviceModelRef: {name: %s}
                  nodeSelector:
                    nodeSelectorTerms:
                    - matchExpressions: [{key: '', operator: In, values: [%s]}]
                status:
                  twins:
                  - propertyName: status
                    desired: {metadata: {type: string}, value: 'OFF'}
                    reported: {metadata: {type: string}, value: '0'}
                """.formatted(name, model, node);
    }

    /** The reported value of a property: from DeviceStatus, else from the classic Device. */
    static String reported(ControlPlane plane, String device, String property) {
        Optional<JsonObject> status = plane.get("default", "devicestatuses.devices.kubeedge.io", device);
        String modern = status.map(s -> reported(s, property)).orElse("");
        return modern.isEmpty() ? plane.get("default", "devices.v1alpha2.devices.kubeedge.io", device)
                .map(d -> reported(d, property)).orElse("") : modern;
    }

    /** Device name → reported value of a property, of all modern devices. */
    static Map<String, String> allReported(ControlPlane plane, String property) {
        JsonObject list = JsonParser.parseString(
                plane.kubectl("", "-n", "default", "get", "devicestatuses.devices.kubeedge.io", "-o", "json").orFail()).getAsJsonObject();
        Map<String, String> values = new HashMap<>();
        for (JsonElement item : list.getAsJsonArray("items")) {
            values.put(item.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString(),
                    reported(item.getAsJsonObject(), property));
        }
        return values;
    }

    private static String reported(JsonObject object, String property) {
        if (object.get("status") instanceof JsonObject status && status.get("twins") instanceof JsonArray twins) {
            for (JsonElement twin : twins) {
                if (twin.getAsJsonObject().get("propertyName").getAsString().equals(property)
                        && twin.getAsJsonObject().get("reported") instanceof JsonObject reported && reported.has("value")) {
                    return reported.get("value").getAsString();
                }
            }
        }
        return "";
    }

    /** A merge patch that sets the desired status of the counter; it replaces the list, as the API does. */
    static String desired(String value) {
        return """
                {"spec":{"properties":[
                  {"name":"status","desired":{"value":"%s"},"reportToCloud":true,"collectCycle":200,"reportCycle":200},
                  {"name":"count","reportToCloud":true,"collectCycle":200,"reportCycle":200}]}}""".formatted(value);
    }
}
