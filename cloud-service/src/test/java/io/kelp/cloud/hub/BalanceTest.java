package io.kelp.cloud.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BalanceTest {

    @ParameterizedTest
    @CsvSource({"1000, '', 0", "10, 10 10, 0", "18, 10 10, 0", "20, 10 10, 6", "23, 22 0, 8", "2000, 0, 20", "0, 100, 0", "6, 0 0, 0", "1200, 1000 800, 0", "1300, 900 800, 20"})
    void aReplicaPartsWithWhatIsFarBeyondItsShare(int own, String others, int surplus) {
        assertEquals(surplus, Balance.surplus(own, Arrays.stream(others.split(" ")).filter(s -> !s.isEmpty()).map(Integer::valueOf).toList()));
    }
}
