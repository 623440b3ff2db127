package io.kelp.runtime.osgi.internal;

import io.kelp.edged.WorkloadContainer.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Leaves classes as they are and remembers what was logged. */
final class TestContainment implements Containment {

    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public Watched watch(ContainerGroup threads) {
        return new Watched() {
            @Override
            public Usage usage() {
                return new Usage(0, 0, threads.activeCount());
            }

            @Override
            public void log(String line) {
                lines.add(line);
            }

            @Override
            public boolean runHooks(Duration limit) {
                return true;
            }

            @Override
            public CompletionStage<List<Thread>> end(Duration patience) {
                threads.interrupt();
                return CompletableFuture.completedFuture(List.of());
            }

            @Override
            public void uncaught(Thread thread, Throwable failure) {
                lines.add(thread.getName() + ": " + failure);
            }

            @Override
            public void close() {
                lines.add("closed " + threads.getName());
            }
        };
    }

    @Override
    public byte[] weave(String name, byte[] classFile) {
        return classFile;
    }

    @Override
    public List<String> wovenImports() {
        return List.of();
    }

    @Override
    public ContainerProcess.Factory plainJars() {
        return run -> {
            throw new AssertionError("no test here runs a plain jar");
        };
    }

    @Override
    public void close() {
        lines.clear();
    }
}
