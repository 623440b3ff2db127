package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.WorkloadException;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container that is a plain Java program: runs {@code main} as {@code java -jar} would and ends when that
 * has returned and no thread is left but daemons.
 */
final class MainJar implements ContainerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(MainJar.class);
    private static final long JOIN_MILLIS = 60_000;

    private final ContainerGroup threads;
    private final List<Path> jars;
    private final String mainClass;
    private final String[] args;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private volatile boolean stopping;
    private JarLoader loader;

    /**
     * @param jars class path, in order
     * @param mainClass empty for that of the first manifest that names one
     */
    MainJar(ContainerGroup threads, List<Path> jars, String mainClass, List<String> args) {
        this.threads = threads;
        this.jars = List.copyOf(jars);
        this.mainClass = mainClass;
        this.args = args.toArray(String[]::new);
    }

    @Override
    public void start() throws WorkloadException {
        try {
            loader = new JarLoader(threads, jars);
        } catch (IOException e) {
            throw new WorkloadException("RunContainerError", "cannot open a jar of the image: " + e.getMessage(), e);
        }
        Method main = main(loader, mainClass);
        Thread thread = new Thread(threads, () -> live(main), "main");
        thread.setContextClassLoader(loader);
        thread.setDaemon(false);
        thread.start();
    }

    private static Method main(JarLoader loader, String named) throws WorkloadException {
        try {
            String name = named.isEmpty() ? loader.mainClass() : named;
            if (name == null) {
                throw new WorkloadException("RunContainerError", "no jar of the image is a bundle or has a Main-Class in its manifest");
            }
            // Not initialised here: that is for the main thread.
            Method main = Class.forName(name, false, loader).getMethod("main", String[].class);
            if (!Modifier.isStatic(main.getModifiers()) || main.getReturnType() != void.class) {
                throw new WorkloadException("RunContainerError", "main of " + name + " is not public static void main(String[])");
            }
            main.setAccessible(true); // the class need not be public
            return main;
        } catch (ClassNotFoundException e) {
            throw new WorkloadException("RunContainerError", "main class " + e.getMessage() + " is in no jar of the image", e);
        } catch (NoSuchMethodException e) {
            throw new WorkloadException("RunContainerError", "no method public static void main(String[]): " + e.getMessage(), e);
        } catch (LinkageError e) {
            throw new WorkloadException("RunContainerError", "main class cannot be loaded: " + e, e);
        } catch (IOException e) {
            throw new WorkloadException("RunContainerError", "cannot read a manifest: " + e.getMessage(), e);
        }
    }

    private void live(Method main) {
        int code = 0;
        try {
            main.invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            threads.uncaughtException(Thread.currentThread(), e.getCause());
            code = 1;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("was made accessible", e);
        }
        if (awaitOthers()) {
            exit.complete(new Exit(code, code == 0 ? "Completed" : "Error", "", Instant.now()));
        }
    }

    /** Until no thread is left but daemons and this one; false if it is stopped before. */
    private boolean awaitOthers() {
        while (!stopping) {
            Thread other = threads.threads().stream().filter(thread -> !thread.isDaemon())
                    .filter(thread -> thread != Thread.currentThread()).findFirst().orElse(null);
            if (other == null) {
                return true;
            }
            try {
                other.join(JOIN_MILLIS);
            } catch (InterruptedException e) {
                // Of the program's own making: the real end has said so before it interrupts.
                LOG.debug("{}: main was interrupted while it waited for {}", threads.getName(), other.getName());
            }
        }
        return false;
    }

    @Override
    public CompletionStage<Exit> exit() {
        return exit;
    }

    /** As SIGTERM does: shutdown hooks, then the end of all threads. */
    @Override
    public Exit stop(Duration grace) throws InterruptedException {
        stopping = true;
        long deadline = System.nanoTime() + grace.toNanos();
        if (!(threads.watched() instanceof WatchedContainer container)) {
            throw new IllegalStateException(threads.getName() + " is not watched");
        }
        container.runHooks(grace);
        if (!container.endKindly(deadline)) {
            throw new InterruptedException("the grace period is over");
        }
        return new Exit(143, "Error", "", Instant.now());
    }

    @Override
    public void close() {
        if (loader != null) {
            try {
                loader.close();
            } catch (IOException e) {
                LOG.debug("closing the jars of {} failed: {}", threads.getName(), e.getMessage());
            }
        }
    }

    /** From its start: what more there is to know only a probe can tell. */
    @Override
    public Readiness readiness() {
        return new Readiness(!stopping && !exit.isDone(), stopping || exit.isDone() ? "it has ended" : "");
    }

    @Override
    public void onReadiness(Runnable listener) {
        exit.thenRun(listener);
    }
}
