package io.kelp.broker.internal.packet;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Tag;

/**
 * Coverage-guided search for bytes on which the decoder does anything but decode or refuse. Runs over
 * its kept corpus in every build; with {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class PacketDecoderFuzzTest {

    private final PacketDecoder decoder = new PacketDecoder(1 << 16);

    @FuzzTest(maxDuration = "20s")
    void decodesOrRefuses(byte[] bytes) {
        PacketCodecTest.check(decoder, bytes);
    }
}
