package io.kelp.mapper.modbus.internal.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/**
 * Coverage-guided search for bytes on which a framing does anything but find, wait or refuse. Runs over its kept corpus in every
 * build; with {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class FramingFuzzTest {

    @FuzzTest(maxDuration = "20s")
    void findsWaitsOrRefuses(byte[] bytes) {
        FramingTest.check(bytes);
    }
}
