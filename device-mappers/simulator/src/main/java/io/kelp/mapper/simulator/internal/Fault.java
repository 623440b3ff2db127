package io.kelp.mapper.simulator.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A fault that somebody has asked for: {@code offline}, {@code slow 90s}, {@code flapping:5m}; {@code none} ends it. */
record Fault(FaultKind kind, Duration lasts) {

    static final Duration DEFAULT = Duration.ofSeconds(30);
    static final String FORM = "none, or one of " + FaultKind.words() + ", followed by a time like 500ms, 30s or 5m (30s if there is none)";
    private static final Pattern TEXT = Pattern.compile("([A-Za-z_-]{1,20})(?:[\\s:]+([0-9]{1,6})(ms|s|m))?");

    /**
     * @return empty for {@code none}
     * @throws IllegalArgumentException with the text and {@link #FORM}
     */
    static Optional<Fault> parse(String text) {
        Matcher words = TEXT.matcher(text.strip());
        if (!words.matches()) {
            throw refused(text);
        }
        if (words.group(1).equalsIgnoreCase("none")) {
            return Optional.empty();
        }
        FaultKind kind = FaultKind.named(words.group(1)).orElseThrow(() -> refused(text));
        if (words.group(2) == null) {
            return Optional.of(new Fault(kind, DEFAULT));
        }
        long amount = Long.parseLong(words.group(2));
        return Optional.of(new Fault(kind, switch (words.group(3)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
        }));
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException('"' + text + "\" is no fault: " + FORM);
    }
}
