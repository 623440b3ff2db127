package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Objects by schema, from few values, so that they often have something in common. */
final class RandomObjects {

    private static final List<String> SERVER_SET = List.of("terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext",
            "restartPolicy", "dnsPolicy", "schedulerName", "terminationGracePeriodSeconds", "podCIDR", "podCIDRs", "binaryData", "immutable", "timeAdded",
            "lastHeartbeatTime", "lastTransitionTime", "daemonEndpoints", "nodeInfo", "images", "requests", "unschedulable", "volumeMounts", "hostPort", "initContainers");

    private final Random random;

    RandomObjects(Random random) {
        this.random = random;
    }

    /** @param density how likely a member is there */
    JsonElement value(Schema schema, String name, double density) {
        return switch (schema.type()) {
            case "object" -> object(schema, density);
            case "array" -> list(schema, name, density);
            case "integer" -> new JsonPrimitive(name.equals("containerPort") ? 80 + random.nextInt(3) : 1 + random.nextInt(3));
            case "number" -> new JsonPrimitive(random.nextInt(4) / 2.0);
            case "boolean" -> new JsonPrimitive(random.nextBoolean());
            case "string" -> new JsonPrimitive(text(name));
            default -> schema.intOrString() ? random.nextBoolean() || name.equals("k") ? new JsonPrimitive(1 + random.nextInt(3)) : new JsonPrimitive("5")
                    : free(2);
        };
    }

    private String text(String name) {
        return switch (name) {
            case "protocol" -> random.nextBoolean() ? "TCP" : "UDP";
            case "operator" -> "Exists";
            case "effect" -> random.nextBoolean() ? "NoSchedule" : "NoExecute";
            case "mountPath", "path" -> "/" + pick("a", "b", "c");
            case "address" -> "10.0.0." + random.nextInt(3);
            case "medium", "value" -> name.equals("medium") ? "Memory" : pick("1", "2", "3");
            default -> pick("a", "b", "c", "d");
        };
    }

    private JsonObject object(Schema schema, double density) {
        JsonObject object = new JsonObject();
        for (Map.Entry<String, Schema> member : schema.properties().entrySet()) {
            String name = member.getKey();
            if (SERVER_SET.contains(name)) {
                continue;
            }
            boolean needed = List.of("name", "containerPort", "type", "image", "key", "mountPath", "address", "status", "effect", "path", "template", "spec", "containers", "hostPath").contains(name);
            if (needed || random.nextDouble() < density) {
                object.add(name, value(member.getValue(), name, density));
            }
        }
        if (schema.additional() != null) {
            for (int i = random.nextInt(4); i > 0; i--) {
                object.add(schema.additional().intOrString() ? pick("cpu", "memory") : pick("k", "l", "m"), value(schema.additional(), "k", density));
            }
        } else if (schema.preserveUnknown()) {
            return free(2);
        }
        if (object.has("emptyDir")) {
            object.remove("hostPath");
        } else if (object.has("operator")) {
            object.remove("value");
        }
        return object;
    }

    private JsonArray list(Schema schema, String name, double density) {
        List<JsonElement> items = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        FieldType type = new FieldType(schema, false);
        int count = random.nextInt(name.equals("containers") ? 3 : 4) + (name.equals("containers") ? 1 : 0);
        for (int i = 0; i < count; i++) {
            JsonElement item = value(schema.items(), name.equals("names") ? "x" : "item", density);
            String element = type.isAtomicList() ? "" + i : ListItems.elementOrNull(item, type);
            if (element != null && seen.add(element)) {
                items.add(item);
            }
        }
        Collections.shuffle(items, random);
        JsonArray list = new JsonArray();
        items.forEach(list::add);
        return list;
    }

    private JsonObject free(int depth) {
        JsonObject object = new JsonObject();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.add(pick("u", "v", "w"), switch (random.nextInt(depth > 0 ? 4 : 2)) {
                case 0 -> new JsonPrimitive(random.nextInt(3));
                case 1 -> new JsonPrimitive(pick("a", "b"));
                case 2 -> free(depth - 1);
                default -> {
                    JsonArray list = new JsonArray();
                    list.add(pick("a", "b"));
                    yield list;
                }
            });
        }
        return object;
    }

    /** Some members of an object replaced by null. */
    void withNulls(JsonObject object, double density) {
        for (String name : List.copyOf(object.keySet())) {
            if (object.get(name) instanceof JsonObject inner) {
                withNulls(inner, density);
            } else if (random.nextDouble() < density && !name.equals("name")) {
                object.add(name, JsonNull.INSTANCE);
            }
        }
    }

    String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }
}
