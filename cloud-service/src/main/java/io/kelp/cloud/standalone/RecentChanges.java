package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiStore.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The newest changes in memory, within bounds. Safe for use by several threads; no method blocks. */
final class RecentChanges {

    private static final int OVERHEAD = 250; // of objects and texts, roughly

    private final int mostChanges;
    private final long mostBytes;
    private final ArrayDeque<Change> changes = new ArrayDeque<>();
    private long from;
    private long bytes;

    /** @param from revision that nothing is known about before */
    RecentChanges(long from, int mostChanges, long mostBytes) {
        this.from = from;
        this.mostChanges = mostChanges;
        this.mostBytes = mostBytes;
    }

    synchronized void add(List<Change> news) {
        for (Change change : news) {
            changes.add(change);
            bytes += size(change);
        }
        while (!changes.isEmpty() && (changes.size() > mostChanges || bytes > mostBytes)) {
            Change forgotten = changes.remove();
            bytes -= size(forgotten);
            from = forgotten.revision();
        }
    }

    /** Like {@link io.kelp.kubeapi.ApiStore#changes}; empty when some of them are forgotten. */
    synchronized Optional<List<Change>> after(String collection, long revision, int limit) {
        if (revision < from) {
            return Optional.empty();
        }
        List<Change> found = new ArrayList<>();
        for (Iterator<Change> newest = changes.descendingIterator(); newest.hasNext();) {
            Change change = newest.next();
            if (change.revision() <= revision) {
                break;
            }
            if (collection.isEmpty() || change.key().collection().equals(collection)) {
                found.add(change);
            }
        }
        Collections.reverse(found);
        return Optional.of(found.size() > limit ? List.copyOf(found.subList(0, limit)) : found);
    }

    private static long size(Change change) {
        return OVERHEAD + change.value().length + (change.before() == null ? 0 : change.before().length);
    }
}
