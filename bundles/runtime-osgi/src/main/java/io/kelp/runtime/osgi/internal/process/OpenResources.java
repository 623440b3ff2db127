package io.kelp.runtime.osgi.internal.process;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.WeakHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;

/**
 * What code of a container has opened and must not outlive it: sockets, selectors, executors, timers, HTTP
 * servers. Threads of the JDK that wait in these do not end when they are interrupted. Held weakly.
 */
final class OpenResources {

    private final Set<Object> open = Collections.newSetFromMap(new WeakHashMap<>());
    private final List<Closeable> kept = new ArrayList<>();

    void add(Object resource) {
        if (resource == ForkJoinPool.commonPool()) {
            return; // everybody's
        }
        synchronized (open) {
            open.add(resource);
        }
    }

    /** As {@link #add}, held strongly. */
    void keep(Closeable resource) {
        synchronized (open) {
            kept.add(resource);
        }
    }

    boolean isEmpty() {
        synchronized (open) {
            return open.isEmpty() && kept.isEmpty();
        }
    }

    /** Those that are left, the ones that accept work first. Forgets them. */
    List<Object> take() {
        synchronized (open) {
            List<Object> left = Stream.concat(open.stream(), kept.stream()).toList();
            open.clear();
            kept.clear();
            return left.stream().sorted(java.util.Comparator.comparingInt(OpenResources::rank)).toList();
        }
    }

    private static int rank(Object resource) {
        return httpServer(resource) != null ? 0 : resource instanceof Timer || resource instanceof ExecutorService ? 1 : 2;
    }

    /** May run code of the container, and block in it. */
    static void close(Object resource) throws IOException {
        Class<?> httpServer = httpServer(resource);
        if (resource instanceof ExecutorService executor) {
            executor.shutdownNow();
        } else if (resource instanceof Timer timer) {
            timer.cancel();
        } else if (httpServer != null) {
            stop(httpServer, resource);
        } else if (resource instanceof java.io.Closeable closeable) {
            closeable.close();
        }
    }

    /** By reflection, since a small Java runtime may lack the module. */
    private static void stop(Class<?> httpServer, Object server) throws IOException {
        try {
            httpServer.getMethod("stop", int.class).invoke(server, 0);
        } catch (ReflectiveOperationException e) {
            throw new IOException("the HTTP server does not stop: " + e, e);
        }
    }

    private static Class<?> httpServer(Object resource) {
        for (Class<?> type = resource.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals("com.sun.net.httpserver.HttpServer")) {
                return type;
            }
        }
        return null;
    }
}
