package io.kelp.mapper.mqtt.internal.sparkplug;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/** Coverage-guided search for bytes on which the decoder does anything but decode or refuse; with {@code JAZZER_FUZZ=1} it searches on. */
@Tag("slow")
class PayloadFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void decodesOrRefuses(byte[] bytes) {
        PayloadCodecTest.check(bytes);
    }
}
