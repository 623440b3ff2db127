package io.kelp.store.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.store.Durability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a child has been told is durable, and the comparison with what is there. */
final class Acknowledged {

    final Map<String, Long> versions = new HashMap<>(); // "collection key" to the highest version
    long count;

    void line(String line) {
        int end = line.lastIndexOf(' ');
        versions.merge(line.substring(0, end), Long.parseLong(line.substring(end + 1)), Math::max);
        count++;
    }

    void assertKept(LocalStore store, boolean processToo) {
        List<String> lost = new ArrayList<>();
        for (String name : List.of(StoreLoad.POWER, StoreLoad.PAIR, StoreLoad.PROCESS)) {
            boolean process = name.equals(StoreLoad.PROCESS);
            var found = store.collection(name, Stores.TEXT, process ? Durability.PROCESS : Durability.POWER).snapshot();
            found.forEach(StoreLoad::version); // nothing that was never written
            if (name.equals(StoreLoad.PAIR) && !found.isEmpty()) {
                assertEquals(StoreLoad.version("a", found.get("a")), StoreLoad.version("b", found.get("b")), "half a transaction");
            }
            if (process && !processToo) {
                continue;
            }
            versions.forEach((what, version) -> {
                if (what.startsWith(name + " ")) {
                    String key = what.substring(name.length() + 1);
                    String record = found.get(key);
                    if (record == null || StoreLoad.version(key, record) < version) {
                        lost.add(what + " acknowledged " + version + ", found " + record);
                    }
                }
            });
        }
        assertEquals(List.of(), lost);
    }
}
