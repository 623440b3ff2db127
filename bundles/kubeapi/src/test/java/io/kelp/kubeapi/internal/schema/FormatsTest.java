package io.kelp.kubeapi.internal.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatsTest {

    @ParameterizedTest
    @CsvSource({"YWJj, true", "YWJjYWJj, true", "YWJjZA==, true", "YWJjZGU=, true", "YR==, true", "'', false", "YQ, false", "YWJ, false", "YW-_, false",
        "====, false", "YWJj====, false", "YWJjZA=, false", "YWJjYQ==YWJj, false", "a b, false"})
    void bytesAreBase64WithPadding(String text, boolean valid) {
        assertEquals(valid, Formats.fits("byte", text));
    }

    @Test
    void longBytesCostNoStack() {
        assertTrue(Formats.fits("byte", "YWJj".repeat(1_000_000)));
    }
}
