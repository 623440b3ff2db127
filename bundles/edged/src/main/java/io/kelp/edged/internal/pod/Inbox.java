package io.kelp.edged.internal.pod;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes what a source says on whatever thread and tells it to a reader on the loop, the newest state of each
 * pod only: however much comes, no more waits than there are pods.
 */
final class Inbox implements PodSource.Listener {

    /** Told on the loop. */
    interface Reader {

        void changed(Pod pod);

        void removed(Pod last);

        void referenceChanged(String namespace);

        void complete();
    }

    private record Change(Pod pod, boolean removed) {}

    private final Loop loop;
    private final Reader reader;
    private final Map<String, Change> changes = new LinkedHashMap<>();
    private final Set<String> namespaces = new HashSet<>();
    private boolean complete;
    private boolean waiting;

    Inbox(Loop loop, Reader reader) {
        this.loop = loop;
        this.reader = reader;
    }

    @Override
    public void changed(Pod pod) {
        put(pod, false);
    }

    @Override
    public void removed(Pod last) {
        put(last, true);
    }

    @Override
    public synchronized void complete() {
        complete = true;
        wake();
    }

    @Override
    public synchronized void referenceChanged(String namespace) {
        namespaces.add(namespace);
        wake();
    }

    /** The last word on a pod stands at the end, so that of two pods of one name the old one goes first. */
    private synchronized void put(Pod pod, boolean removed) {
        changes.remove(pod.uid());
        changes.put(pod.uid(), new Change(pod, removed));
        wake();
    }

    private void wake() {
        if (!waiting) {
            waiting = true;
            loop.execute(this::deliver);
        }
    }

    private void deliver() {
        List<Change> told;
        List<String> references;
        boolean all;
        synchronized (this) {
            waiting = false;
            told = new ArrayList<>(changes.values());
            references = new ArrayList<>(namespaces);
            all = complete;
            changes.clear();
            namespaces.clear();
            complete = false;
        }
        for (Change change : told) {
            if (change.removed) {
                reader.removed(change.pod);
            } else {
                reader.changed(change.pod);
            }
        }
        references.forEach(reader::referenceChanged);
        if (all) {
            reader.complete();
        }
    }
}
