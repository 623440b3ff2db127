package io.kelp.kubeapi.internal.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.internal.schema.RegexSyntax.InvalidException;
import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RegexTest {

    @Test
    void agreesWithJavaOnExpressionsThatMeanTheSameInBoth() throws InvalidException {
        Random random = new Random(7);
        String[] parts = {"a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab)*", "a+", "b?", "(a*b){1,2}", "^", "$", "\\d", "\\w", "c{2}", "(?i)B", "\\bx"};
        String letters = "abcABC1 x\n";
        for (int i = 0; i < 5000; i++) {
            StringBuilder pattern = new StringBuilder();
            for (int n = random.nextInt(4) + 1; n > 0; n--) {
                pattern.append(parts[random.nextInt(parts.length)]);
            }
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(8); n > 0; n--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            // In Java a dollar also matches before a line end at the end.
            String java = pattern.toString().replace("$", "\\z");
            assertEquals(Pattern.compile(java, Pattern.UNIX_LINES).matcher(text).find(), Regex.compile(pattern.toString()).find(text.toString()),
                    pattern + " in " + text);
        }
    }

    @Test
    void takesTimeThatGrowsWithTheTextOnly() {
        assertTimeout(Duration.ofSeconds(10), () -> {
            String text = "a".repeat(20_000) + "!";
            for (String pattern : new String[] {"(a+)+$", "(a|aa)*b", "(.*a){50}b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){500}a{500}$"}) {
                assertFalse(Regex.compile(pattern).find(text), pattern);
            }
        });
    }

    @Test
    void refusesWhatWouldGrowTooLarge() {
        for (String pattern : new String[] {"((a{100}){100}){100}", "a{1001}", "(".repeat(5000) + ")".repeat(5000), "(a{500}b{500}){2}"
                + "(\\w{1000}|\\d{1000}){1}".repeat(20)}) {
            assertThrows(InvalidException.class, () -> Regex.compile(pattern), pattern.substring(0, 6));
        }
    }

    @Test
    void knowsTheClassesOfUnicode() throws InvalidException {
        assertTrue(Regex.compile("^\\p{Lu}\\p{Greek}\\pN[[:alpha:]]$").find("\u00c9\u03b15z"));
        assertFalse(Regex.compile("\\P{L}").find("\u00c9"));
    }
}
