package io.kelp.store.internal;

import io.kelp.control.Problem;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with the store now. Logs when something begins and when it ends, not in between. */
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private final Map<String, Problem> current = new TreeMap<>();

    void report(String code, String sentence, String where, String remedy) {
        synchronized (current) {
            if (current.putIfAbsent(code, new Problem(code, sentence, where, remedy, Instant.now())) != null) {
                return;
            }
        }
        LOG.warn("{}: {}; {}", where, sentence, remedy);
    }

    void clear(String code) {
        Problem ended;
        synchronized (current) {
            ended = current.remove(code);
        }
        if (ended != null) {
            LOG.info("{}: works again ({})", ended.where(), code);
        }
    }

    boolean has(String code) {
        synchronized (current) {
            return current.containsKey(code);
        }
    }

    List<Problem> list() {
        synchronized (current) {
            return List.copyOf(current.values());
        }
    }
}
