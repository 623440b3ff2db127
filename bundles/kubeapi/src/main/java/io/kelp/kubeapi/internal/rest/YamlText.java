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
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.RepresentToNode;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/** Trees of JSON as YAML, members in the order of their names. */
final class YamlText {

    private YamlText() {
    }

    static byte[] bytes(JsonElement tree) {
        DumpSettings settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setSplitLines(false).build();
        return new Dump(settings, new Quoting(settings)).dumpToString(plain(tree)).getBytes(StandardCharsets.UTF_8);
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

    /** Quotes texts that a reader of YAML 1.1, which most programs have, would take for something else. */
    private static final class Quoting extends StandardRepresenter {

        private static final Pattern OTHER_IN_YAML_1_1 = Pattern.compile("(?i)|~|null|true|false|yes|no|y|n|on|off|<<|=|[-+]?(\\.inf|\\.nan)|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])*(\\.[0-9_]*)?"
                + "|[-+]?(\\.[0-9_]+|[0-9][0-9_]*\\.?[0-9_]*)(e[-+]?[0-9]+)?|[-+]?0[xob][0-9a-f_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?");

        Quoting(DumpSettings settings) {
            super(settings);
            RepresentToNode texts = representers.get(String.class);
            representers.put(String.class, data -> OTHER_IN_YAML_1_1.matcher((String) data).matches()
                    ? representScalar(Tag.STR, (String) data, ScalarStyle.DOUBLE_QUOTED) : texts.representData(data));
        }
    }
}
