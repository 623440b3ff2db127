package io.kelp.edged.internal.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of Kubernetes' design of variable expansion. */
class ExpansionTest {

    private static final Map<String, String> VARS = Map.of("VAR_A", "A", "VAR_B", "B", "VAR_REF", "$(VAR_A)", "VAR_EMPTY", "");

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", ignoreLeadingAndTrailingWhitespace = true, value = {
        "$(VAR_A) | A",
        "___$(VAR_B)___ | ___B___",
        "___$(VAR_C) | ___$(VAR_C)",
        "$$(VAR_A)_$(VAR_A) | $(VAR_A)_A",
        "$$(VAR_A)_$$(VAR_A) | $(VAR_A)_$(VAR_A)",
        "f000-$$VAR_A | f000-$VAR_A",
        "foo\\$(VAR_C)bar | foo\\$(VAR_C)bar",
        "foo$$$$$(VAR_A)bar | foo$$Abar",
        "$(VAR_A$(VAR_B) | $(VAR_A$(VAR_B)",
        "$(VAR_REF) | $(VAR_A)",
        "%%$(VAR_REF)--$(VAR_REF)%% | %%$(VAR_A)--$(VAR_A)%%",
        "foo$(VAR_EMPTY)bar | foobar",
        "foo$(VAR_A | foo$(VAR_A",
        "foo$(VAR_A} | foo$(VAR_A}",
        "foo$ | foo$",
        "$VAR_A | $VAR_A",
        "$ $$ $( | $ $ $(",
        "--$(-- | --$(--",
        "$() | $()",
        "$$$ | $$",
        "nothing | nothing"})
    void expandsAsKubernetesDoes(String text, String expected) {
        assertEquals(expected, Expansion.expand(text, VARS, expected.length()).orElseThrow());
        assertTrue(Expansion.expand(text, VARS, expected.length() - 1).isEmpty());
    }

    @Test
    void findsUnknownNames() {
        assertTrue(Expansion.hasUnknown("$(VAR_A)$(NO)", VARS));
        assertFalse(Expansion.hasUnknown("$(VAR_A)$$(NO)", VARS));
    }
}
