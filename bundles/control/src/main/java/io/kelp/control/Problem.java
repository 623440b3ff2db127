package io.kelp.control;

import java.time.Instant;
import java.util.Objects;

/**
 * Something an operator should know, and what he can do about it. {@code kelp status}, the
 * console and the metrics show the same ones.
 *
 * @param code stable identifier in capitals and hyphens, for example {@code CLOCK-WRONG}
 * @param sentence what is wrong, one sentence with the values at fault
 * @param where file, key, device or address concerned; empty when the sentence says it all
 * @param remedy what to do, one sentence
 * @param since when it began, by the gateway's own clock
 */
public record Problem(String code, String sentence, String where, String remedy, Instant since) {
    public Problem {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(sentence, "sentence");
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(remedy, "remedy");
        Objects.requireNonNull(since, "since");
    }
}
