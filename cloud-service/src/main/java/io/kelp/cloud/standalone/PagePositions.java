package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.Key;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How many objects come behind the end of a page, so that the next page need not count them again. Exact for ever, since
 * a revision never changes. Safe for use by several threads; no method blocks.
 */
final class PagePositions {

    /** @param last key that the page ended with */
    record Position(String namespace, Key last, long revision) {}

    private static final int MOST = 512;

    private final Map<Position, Long> remaining = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Position, Long> eldest) {
            return size() > MOST;
        }
    };

    synchronized OptionalLong remaining(Position position) {
        Long known = remaining.get(position);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known);
    }

    synchronized void note(Position position, long count) {
        remaining.put(position, count);
    }
}
