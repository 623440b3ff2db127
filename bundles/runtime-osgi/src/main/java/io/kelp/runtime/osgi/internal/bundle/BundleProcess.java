package io.kelp.runtime.osgi.internal.bundle;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.WorkloadException;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import io.kelp.runtime.osgi.internal.region.Member;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundles of one container: installed and started together, ended together. */
public final class BundleProcess implements ContainerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(BundleProcess.class);

    private static final long SETTLED_MILLIS = 50; // components follow what happens to services a moment later

    private final Run run;
    private final List<BundleJar> jars;
    private final PodBundles framework;
    private final ServiceComponentRuntime components;
    private final Path folder;
    private final Member member;
    private final ScheduledExecutorService clock;
    private final List<Bundle> bundles = new CopyOnWriteArrayList<>(); // in the order in which they are started
    private final List<Bundle> fragments = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean telling = new AtomicBoolean();
    private volatile boolean running;
    private volatile boolean closed;
    private volatile boolean ready;

    /**
     * @param folder for links to the jars, the container's own
     * @param clock for telling of changes
     */
    public BundleProcess(Run run, List<BundleJar> jars, PodBundles framework, ServiceComponentRuntime components, Path folder, Member member,
            ScheduledExecutorService clock) {
        this.run = run;
        this.jars = jars;
        this.framework = framework;
        this.components = components;
        this.folder = folder;
        this.member = member;
        this.clock = clock;
    }

    @Override
    public void start() throws WorkloadException, InterruptedException {
        int number = 0;
        for (BundleJar jar : jars) {
            Bundle bundle = framework.install(folder.resolve(PodBundles.FOLDER), jar, number++, member);
            (jar.fragment() ? fragments : bundles).add(bundle);
            if (closed) { // ended meanwhile: nobody else takes this one out
                framework.remove(List.of(bundle), member);
                throw new InterruptedException();
            }
        }
        framework.resolve(bundles);
        for (Bundle bundle : bundles) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            try {
                // Transient: what runs is decided by edged, not by the framework's cache.
                bundle.start(Bundle.START_TRANSIENT | Bundle.START_ACTIVATION_POLICY);
            } catch (BundleException e) {
                failed(bundle, e);
                return;
            } catch (IllegalStateException e) {
                if (!exit.isDone()) {
                    throw e;
                }
                return; // it has ended itself while it was started
            }
        }
        running = !closed;
        changed(null);
    }

    /** Like a program that ends with an exception. */
    private void failed(Bundle bundle, BundleException e) throws InterruptedException {
        Throwable cause = root(e);
        if (cause instanceof InterruptedException) {
            throw new InterruptedException();
        }
        // The stack is for the author of the bundle: it goes where its other output goes.
        (e.getCause() == null ? e : e.getCause()).printStackTrace();
        exit.complete(new Exit(1, "Error", "bundle " + bundle.getSymbolicName() + " " + bundle.getVersion() + " does not start: "
                + (cause == e ? e.getMessage() : cause), Instant.now()));
    }

    private static Throwable root(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause;
    }

    @Override
    public CompletionStage<Exit> exit() {
        return exit;
    }

    @Override
    public Exit stop(Duration grace) throws InterruptedException {
        running = false;
        String failure = null;
        for (int i = bundles.size() - 1; i >= 0; i--) {
            Bundle bundle = bundles.get(i);
            try {
                bundle.stop(Bundle.STOP_TRANSIENT);
            } catch (BundleException e) {
                if (root(e) instanceof InterruptedException) {
                    throw new InterruptedException();
                }
                failure = "bundle " + bundle.getSymbolicName() + " failed while it stopped: " + (e.getCause() == null ? e.getMessage() : e.getCause());
                LOG.debug("{}: {}", run.threads().getName(), failure);
            } catch (IllegalStateException e) {
                LOG.debug("{}: bundle {} is gone already", run.threads().getName(), bundle.getSymbolicName());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return failure == null ? new Exit(0, "Completed", "", Instant.now()) : new Exit(1, "Error", failure, Instant.now());
    }

    @Override
    public void close() {
        closed = true;
        running = false;
        listeners.clear();
        List<Bundle> all = new java.util.ArrayList<>(fragments);
        all.addAll(bundles);
        framework.remove(all, member);
    }

    /** All bundles of it, those that it has installed itself left out. */
    public List<Bundle> bundles() {
        return bundles;
    }

    /** Something has happened to one of its bundles, services or components. */
    public void changed(Bundle stopped) {
        if (stopped != null && running && bundles.stream().noneMatch(BundleProcess::isRunning)) {
            running = false;
            exit.complete(new Exit(1, "Error", "all of its bundles have stopped", Instant.now()));
        }
        if (!listeners.isEmpty() && telling.compareAndSet(false, true)) {
            clock.schedule(this::tell, SETTLED_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tell() {
        telling.set(false);
        listeners.forEach(Runnable::run);
    }

    private static boolean isRunning(Bundle bundle) {
        return (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) != 0;
    }

    @Override
    public Readiness readiness() {
        Readiness now = running ? Readinesses.of(bundles, components) : new Readiness(false, "its bundles are being started or stopped");
        ready = now.ready();
        return now;
    }

    /** What {@link #readiness} has said last. */
    public boolean wasReady() {
        return ready;
    }

    @Override
    public void onReadiness(Runnable listener) {
        listeners.add(listener);
    }
}
