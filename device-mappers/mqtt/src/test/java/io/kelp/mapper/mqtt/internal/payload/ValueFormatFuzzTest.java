package io.kelp.mapper.mqtt.internal.payload;

import static io.kelp.mapper.mqtt.internal.Devices.property;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Whatever path is configured and whatever payload comes: a reading, nothing, or a refusal with a sentence. */
@Tag("slow")
class ValueFormatFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void readsOrRefuses(byte[] bytes) throws Exception {
        int cut = bytes.length == 0 ? 0 : Math.min(bytes.length - 1, bytes[0] & 0x3F);
        String path = new String(bytes, 0, cut, StandardCharsets.UTF_8);
        try {
            JsonPath.of(path);
        } catch (IllegalArgumentException e) {
            return; // the configuration would be refused
        }
        for (PropertyType type : PropertyType.values()) {
            DeviceProperty property = property("p", type, Map.of("path", path, "timePath", "t"));
            ValueFormat format = new ValueFormat(property, new Layers(property.visitor()), Map.of(), InstantSource.system());
            format.read(new Message("t", Arrays.copyOfRange(bytes, cut, bytes.length), false)).ifPresent(reading -> {
                if (reading.value() != null) {
                    type.format(reading.value());
                }
            });
        }
    }
}
