package io.kelp.edged.internal.pod;

import io.kelp.edged.WorkloadRuntime;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The workload runtimes that are there now, by handler. Safe for use by several threads. */
final class Runtimes {

    /** One runtime for as long as its service is there. */
    static final class Handle {

        private final WorkloadRuntime runtime;
        private final String name;
        private volatile boolean gone;

        private Handle(WorkloadRuntime runtime) {
            this.runtime = runtime;
            this.name = runtime.handler();
        }

        WorkloadRuntime runtime() {
            return runtime;
        }

        /** The service has gone or is going: what ends from now on ends because of that. */
        boolean isGone() {
            return gone;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final Map<String, Handle> handles = new ConcurrentHashMap<>();

    /** Takes a runtime on; one of the same handler that is there already stays in charge of what it runs, but gets nothing new. */
    Handle add(WorkloadRuntime runtime) {
        Handle handle = new Handle(runtime);
        handles.put(handle.name, handle);
        return handle;
    }

    /** @return what has gone; empty if it was not known */
    Optional<Handle> remove(WorkloadRuntime runtime) {
        Optional<Handle> found = handles.values().stream().filter(h -> h.runtime == runtime).findFirst();
        found.ifPresent(h -> {
            h.gone = true;
            handles.remove(h.name, h);
        });
        return found;
    }

    Optional<Handle> of(String handler) {
        return Optional.ofNullable(handles.get(handler));
    }

    Collection<Handle> all() {
        return handles.values();
    }
}
