package io.kelp.edged.internal.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "500m,0.5", "1.5,1.5", ".5,0.5", "5.,5", "64Mi,67108864", "1Ki,1024", "1k,1000", "1e3,1000", "12E2,1200", "1E,1e18",
        "1Ei,1152921504606846976", "100n,1e-7", "3u,3e-6", "-1,-1", "+2G,2e9", "0.5Gi,536870912"})
    void readsEveryForm(String text, String value) {
        assertEquals(0, new BigDecimal(value).compareTo(Quantity.parse(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Mi", "1 Mi", "1MiB", "0x10", "1e", "--1", "1..2", "NaN", "1e999", "1K"})
    void refusesOtherTexts(String text) {
        assertThrows(IllegalArgumentException.class, () -> Quantity.parse(text));
    }
}
