package io.kelp.kubeapi.internal.schema;

import io.kelp.kubeapi.internal.schema.RegexSyntax.InvalidException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Compiled expressions, those used last. Safe for use by several threads. */
final class Patterns {

    private static final int KEPT = 256;

    private final Map<String, Optional<Regex>> kept = new LinkedHashMap<>(16, 0.75f, true) { // guarded by this
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Optional<Regex>> eldest) {
            return size() > KEPT;
        }
    };

    /** Whether part of a text matches; with an expression that is none nothing does, as definitions with such are refused. */
    boolean find(String pattern, String text) {
        Optional<Regex> regex;
        synchronized (this) {
            regex = kept.computeIfAbsent(pattern, Patterns::compile);
        }
        return regex.isPresent() && regex.get().find(text);
    }

    private static Optional<Regex> compile(String pattern) {
        try {
            return Optional.of(Regex.compile(pattern));
        } catch (InvalidException e) {
            return Optional.empty();
        }
    }
}
