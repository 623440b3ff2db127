package io.kelp.edged.internal.report;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what becomes of an occurrence: a new Event, one more of an Event that is there, one of many
 * similar ones, or nothing. The rules and figures are those of Kubernetes' own recorder (client-go
 * {@code events_cache.go}). Touched by one thread at a time; time is given.
 */
final class EventCorrelator {

    /** More different messages than these within the window for one reason are told as one. */
    static final int SIMILAR = 10;
    static final Duration WINDOW = Duration.ofMinutes(10);
    static final int BURST = 25;
    static final Duration REFILL = Duration.ofMinutes(5);
    /** The API server forgets Events after an hour; what may be forgotten is told as a new Event. */
    static final Duration LIFE = Duration.ofMinutes(45);
    static final String COMBINED = "(combined from similar events): ";
    private static final int REMEMBERED = 512;

    /**
     * What has happened.
     *
     * @param object identity of the object concerned, uid included
     * @param fieldPath part of the object, may be empty
     */
    record Occurrence(String object, String fieldPath, String type, String reason, String message) {}

    /**
     * What to tell.
     *
     * @param name of the Event
     * @param first when the first of these occurred
     * @param count how many there have been
     */
    record Told(String name, String message, Instant first, int count) {}

    private static final class Similar {
        private final Set<String> messages = new HashSet<>();
        private long last;
    }

    private record Series(String name, Instant first, int count, long last) {}

    private final Map<String, Similar> similar = remembering();
    private final Map<String, Series> series = remembering();
    private final Map<String, TokenBucket> spam = remembering();
    private long names;

    /**
     * @param object name of the object, with which the Event's begins
     * @return empty when this object has had too many Events
     */
    Optional<Told> tell(String object, Occurrence what, Instant time, long nanos) {
        String reason = String.join("\n", what.object(), what.type(), what.reason());
        Similar group = similar.computeIfAbsent(reason, k -> new Similar());
        if (nanos - group.last > WINDOW.toNanos()) {
            group.messages.clear();
        }
        group.last = nanos;
        if (group.messages.size() < SIMILAR) {
            group.messages.add(what.message());
        }
        boolean combined = group.messages.size() >= SIMILAR;
        String message = combined ? COMBINED + what.message() : what.message();
        String key = combined ? reason : String.join("\n", reason, what.fieldPath(), what.message());
        Series before = series.get(key);
        boolean lives = before != null && nanos - before.last < LIFE.toNanos();
        Series now = new Series(lives ? before.name : name(object, time), before == null ? time : before.first,
                before == null ? 1 : before.count + 1, nanos);
        series.put(key, now);
        TokenBucket bucket = spam.computeIfAbsent(what.object(), k -> new TokenBucket(BURST, REFILL, nanos));
        return bucket.take(nanos) > 0 ? Optional.empty() : Optional.of(new Told(now.name, message, now.first, now.count));
    }

    /** As client-go has it: name of the object, dot, nanoseconds in hexadecimal; never the same twice. */
    private String name(String object, Instant time) {
        long nanos = time.getEpochSecond() * 1_000_000_000L + time.getNano();
        names = Math.max(names + 1, nanos);
        return object.substring(0, Math.min(object.length(), 230)) + "." + Long.toHexString(names);
    }

    private static <V> Map<String, V> remembering() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }
}
