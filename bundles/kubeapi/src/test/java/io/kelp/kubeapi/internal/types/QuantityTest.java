package io.kelp.kubeapi.internal.types;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({"1000m,1", "0.5Gi,512Mi", "1.5Gi,1536Mi", "1024Mi,1Gi", "0.5,500m", "1,1", "01,01", "+1,+1", "-5,-5", "0,0", "0Ki,0", "1e3,1e3", "1500,1500",
        "1000,1k", "12000M,12G", "1E3,1E3", "100m,100m", "0.001m,1u", "1n,1n", "0.1n,1n", "1023Ki,1023Ki", "1Ki,1Ki", "0.5Ki,512", "1.,1.", ".5,500m",
        "1e-3,1e-3", "12e6,12e6", "1000000Ki,1000000Ki", "9223372036854775808,9223372036854775808", "100Ei,9223372036854775807", "0.3Ki,307200m"})
    void writesTheCanonicalFormOrWhatTheOriginalTakesForIt(String text, String canonical) {
        assertEquals(canonical, Quantity.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "1 Gi", "1.2.3", "true", "1x"})
    void refusesWhatIsNoNumber(String text) {
        assertEquals("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                assertThrows(NumberFormatException.class, () -> Quantity.parse(text)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1ki", "1mi", "1mm", "1e"})
    void refusesSuffixesThatNobodyKnows(String text) {
        assertEquals("unable to parse quantity's suffix", assertThrows(NumberFormatException.class, () -> Quantity.parse(text)).getMessage());
    }

    @Test
    void amountsThatTakeForeverToReckonWithAreRefusedOrCut() {
        assertEquals("quantities must not have more than 1000 characters",
                assertThrows(NumberFormatException.class, () -> Quantity.parse("9".repeat(3_000_000))).getMessage());
        assertTrue(Quantity.parse("1e999999999").toString().length() < 20);
        assertTrue(Quantity.parse("1e999999999").plus(Quantity.parse("1")).toString().length() < 2000);
    }
}
