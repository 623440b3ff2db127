package io.kelp.broker.internal.core;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Notices clients that use the same client id and throw each other out for ever, as the LED mapper and
 * other clients of the name {@code eventbus} do (specification of devices, trap 36). Bounded.
 */
final class TakeOverWatch {

    private static final int FIGHT = 5;
    private static final int MAX_IDS = 64;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final class Entry {
        private long startNanos;
        private int count;
    }

    private final Map<String, Entry> byClientId = new LinkedHashMap<>();

    void note(String clientId, long now) {
        Entry entry = byClientId.computeIfAbsent(clientId, id -> new Entry());
        if (entry.count == 0 || now - entry.startNanos > WINDOW_NANOS) {
            entry.startNanos = now;
            entry.count = 0;
        }
        entry.count++;
        if (byClientId.size() > MAX_IDS) {
            Iterator<String> oldest = byClientId.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    List<String> contested(long now) {
        List<String> contested = new ArrayList<>(0);
        byClientId.forEach((id, entry) -> {
            if (entry.count >= FIGHT && now - entry.startNanos <= WINDOW_NANOS) {
                contested.add(id);
            }
        });
        return contested;
    }
}
