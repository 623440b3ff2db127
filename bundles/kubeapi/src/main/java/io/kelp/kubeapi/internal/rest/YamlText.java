package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Trees of JSON as YAML, members in the order of their names. */
final class YamlText {

    private YamlText() {
    }

    static byte[] bytes(JsonElement tree) {
        DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setSplitLines(false).build();
        return new Dump(settings).dumpToString(plain(tree)).getBytes(StandardCharsets.UTF_8);
    }

    private static Object plain(JsonElement tree) {
        if (tree instanceof JsonObject object) {
            Map<String, Object> map = new TreeMap<>();
            object.entrySet().forEach(member -> map.put(member.getKey(), plain(member.getValue())));
            return map;
        }
        if (tree.isJsonArray()) {
            List<Object> list = new ArrayList<>();
            tree.getAsJsonArray().forEach(item -> list.add(plain(item)));
            return list;
        }
        if (tree instanceof JsonPrimitive value) {
            return value.isString() ? value.getAsString() : value.isBoolean() ? (Object) value.getAsBoolean() : number(value.getAsString());
        }
        return null;
    }

    private static Object number(String text) {
        return text.matches("-?[0-9]+") ? new BigInteger(text) : new BigDecimal(text).doubleValue();
    }
}
