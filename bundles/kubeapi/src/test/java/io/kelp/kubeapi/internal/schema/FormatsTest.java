package io.kelp.kubeapi.internal.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Formats whose regular expression is easily one off. */
class FormatsTest {

    @ParameterizedTest
    @CsvSource({"YWJj, true", "YWJjZA==, true", "YWI=, true", "'', false", "YWJ, false", "YW=j, false", "YWJj=, false", "YWJjYWJj, true"})
    void base64(String text, boolean fits) {
        assertEquals(fits, Formats.fits("byte", text));
    }

    @ParameterizedTest
    @CsvSource({"2026-11-21T10:00:00Z, true", "2026-11-21T10:00:00.5+01:00, true", "2026-11-21, false", "2026-13-21T10:00:00Z, false"})
    void dateTime(String text, boolean fits) {
        assertEquals(fits, Formats.fits("date-time", text));
    }
}
