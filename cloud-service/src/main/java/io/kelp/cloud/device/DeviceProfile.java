package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The text {@code deviceProfile.json} that classic mappers read from the ConfigMap of their node
 * (specification section 2.3). Mappers and tests compare it byte for byte: the order of keys and the zeros
 * that are written are those of the original.
 */
final class DeviceProfile {

    /** A classic device and the {@code status} to show, which need not be its newest. */
    record Instance(Device device, JsonObject status) {}

    private static final List<String> VISITORS = List.of("modbus", "opcua", "bluetooth", "customizedProtocol");
    private static final List<String> PROTOCOLS = List.of("opcua", "modbus", "bluetooth", "customizedProtocol");
    private static final List<String> NUMBERS = List.of("int", "double", "float");

    private DeviceProfile() {}

    /** @return {@code {}} when there are no devices */
    static String text(List<Instance> instances, Function<String, Optional<DeviceModel>> models) {
        JsonArray deviceInstances = new JsonArray();
        JsonArray deviceModels = new JsonArray();
        JsonArray protocols = new JsonArray();
        Set<String> modelNames = new HashSet<>();
        for (Instance instance : instances) {
            JsonObject spec = WireForms.device(instance.device().tree(), Generation.CLASSIC).getAsJsonObject("spec");
            String protocol = protocolOf(spec);
            deviceInstances.add(instance(instance, spec, protocol));
            protocols.add(protocol(instance.device(), spec, protocol));
            if (modelNames.add(instance.device().model())) {
                models.apply(instance.device().model()).ifPresent(model -> deviceModels.add(model(model)));
            }
        }
        JsonObject profile = new JsonObject();
        addUnlessEmpty(profile, "deviceInstances", deviceInstances);
        addUnlessEmpty(profile, "deviceModels", deviceModels);
        addUnlessEmpty(profile, "protocols", protocols);
        return GoJson.write(profile);
    }

    private static JsonObject instance(Instance instance, JsonObject spec, String protocol) {
        Device device = instance.device();
        JsonObject out = new JsonObject();
        out.addProperty("id", device.name());
        out.addProperty("name", device.name());
        if (!protocol.isEmpty()) {
            out.addProperty("protocol", nameOf(protocol) + "-" + device.name());
        }
        addUnlessEmpty(out, "model", device.model());
        addUnlessEmpty(out, "twins", Json.array(WireForms.classicStatus(instance.status()), "twins"));
        JsonObject data = Json.object(spec, "data");
        if (!data.isEmpty()) {
            out.add("data", data);
        }
        JsonArray visitors = new JsonArray();
        for (JsonElement visitor : Json.array(spec, "propertyVisitors")) {
            visitors.add(visitor(visitor.getAsJsonObject(), device.model()));
        }
        addUnlessEmpty(out, "propertyVisitors", visitors);
        return out;
    }

    private static JsonObject visitor(JsonObject visitor, String model) {
        JsonObject out = new JsonObject();
        addUnlessEmpty(out, "name", Json.text(visitor, "propertyName"));
        addUnlessEmpty(out, "propertyName", Json.text(visitor, "propertyName"));
        addUnlessEmpty(out, "modelName", model);
        Optional<String> kind = VISITORS.stream().filter(visitor::has).findFirst();
        kind.ifPresent(name -> out.addProperty("protocol", nameOf(name)));
        copy(visitor, out, "reportCycle");
        copy(visitor, out, "collectCycle");
        copy(visitor, out, "customizedValues");
        kind.ifPresent(name -> out.add("visitorConfig", visitor.get(name)));
        return out;
    }

    private static JsonObject protocol(Device device, JsonObject spec, String protocol) {
        JsonObject given = Json.object(spec, "protocol");
        JsonObject out = new JsonObject();
        if (!protocol.isEmpty()) {
            out.addProperty("name", nameOf(protocol) + "-" + device.name());
            out.addProperty("protocol", nameOf(protocol));
        }
        out.add("protocolConfig", protocol.isEmpty() ? JsonNull.INSTANCE : given.get(protocol));
        out.add("protocolCommonConfig", given.has("common") ? given.get("common") : JsonNull.INSTANCE);
        return out;
    }

    private static JsonObject model(DeviceModel model) {
        JsonObject out = new JsonObject();
        out.addProperty("name", model.name());
        JsonArray properties = new JsonArray();
        for (JsonElement property : Json.array(Json.object(model.tree(), "spec"), "properties")) {
            properties.add(property(property.getAsJsonObject()));
        }
        addUnlessEmpty(out, "properties", properties);
        return out;
    }

    private static JsonObject property(JsonObject property) {
        JsonObject types = Json.object(property, "type");
        String type = types.keySet().stream().findFirst().orElse("");
        JsonObject details = Json.object(types, type);
        JsonObject out = new JsonObject();
        addUnlessEmpty(out, "name", Json.text(property, "name"));
        addUnlessEmpty(out, "dataType", type);
        addUnlessEmpty(out, "description", Json.text(property, "description"));
        addUnlessEmpty(out, "accessMode", Json.text(details, "accessMode"));
        if (NUMBERS.contains(type)) {
            for (String bound : List.of("defaultValue", "minimum", "maximum")) {
                out.add(bound, details.has(bound) ? details.get(bound) : new JsonPrimitive(0));
            }
            addUnlessEmpty(out, "unit", Json.text(details, "unit"));
        } else if (type.equals("string")) {
            out.addProperty("defaultValue", Json.text(details, "defaultValue"));
        } else if (type.equals("boolean")) {
            out.add("defaultValue", details.has("defaultValue") ? details.get("defaultValue") : new JsonPrimitive(false));
        }
        return out;
    }

    private static String protocolOf(JsonObject spec) {
        JsonObject protocol = Json.object(spec, "protocol");
        return PROTOCOLS.stream().filter(protocol::has).findFirst().orElse("");
    }

    private static String nameOf(String field) {
        return field.equals("customizedProtocol") ? "customized-protocol" : field;
    }

    private static void copy(JsonObject from, JsonObject to, String name) {
        if (from.has(name)) {
            to.add(name, from.get(name));
        }
    }

    private static void addUnlessEmpty(JsonObject out, String name, String text) {
        if (!text.isEmpty()) {
            out.addProperty(name, text);
        }
    }

    private static void addUnlessEmpty(JsonObject out, String name, JsonArray array) {
        if (!array.isEmpty()) {
            out.add(name, array);
        }
    }
}
