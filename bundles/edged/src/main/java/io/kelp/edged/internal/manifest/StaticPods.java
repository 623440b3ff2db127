package io.kelp.edged.internal.manifest;

import io.kelp.control.Problem;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Static pods: a folder is looked at in a period, each file in it is a pod, which runs also when the
 * cloud was never there. A file that is not understood is a {@link Problem} and leaves alone what runs of its last good content.
 */
public final class StaticPods implements PodSource, MetaStore.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StaticPods.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    /** A file that is written again and again must not hold up the start of others. */
    private static final int MAX_UNSETTLED = 3;

    private final Path path;
    private final Duration period;
    private final SerialTasks serial;
    private final Executor io;
    private final ManifestFolder folder;
    private final Mirrors mirrors;
    private final AutoCloseable watch;
    private volatile List<Problem> problems = List.of();
    // What follows is touched on the serial executor alone.
    private final Map<String, Pod> files = new TreeMap<>();
    private final Map<String, Problem> bad = new TreeMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private Optional<Problem> folderProblem = Optional.empty();
    private int looks;
    private boolean complete;
    private boolean closed;

    /**
     * @param path folder of manifests; need not exist
     * @param period between two looks at it
     * @param executor serial
     * @param io reads files; may refuse
     */
    public StaticPods(Path path, Duration period, String node, MetaStore objects, CloudLink link, ScheduledExecutorService executor, Executor io) {
        this(path, period, node, objects, link, executor, io, InstantSource.system());
    }

    StaticPods(Path path, Duration period, String node, MetaStore objects, CloudLink link, ScheduledExecutorService executor, Executor io,
            InstantSource clock) {
        this.path = path;
        this.period = period;
        this.serial = new SerialTasks(executor, "static pods");
        this.io = io;
        this.folder = new ManifestFolder(path, node, clock);
        this.mirrors = new Mirrors(link, objects, serial, node);
        serial.run(this::look);
        this.watch = objects.watch("pod", this);
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (Exception e) { // the declared type of AutoCloseable; the store's throws nothing checked
            LOG.debug("The watch ended badly: {}", e.getMessage());
        }
        serial.run(() -> {
            closed = true;
            listeners.clear();
        });
    }

    @Override
    public AutoCloseable watch(Listener listener) {
        serial.run(() -> {
            listeners.add(listener);
            files.values().forEach(listener::changed);
            if (complete) {
                listener.complete();
            }
        });
        return () -> serial.run(() -> listeners.remove(listener));
    }

    /** The link is up. */
    public void connected() {
        serial.run(mirrors::connected);
    }

    /** The link is down. */
    public void disconnected() {
        serial.run(mirrors::disconnected);
    }

    /** Manifests that cannot be used, in the order of their files. */
    public List<Problem> problems() {
        return problems;
    }

    @Override
    public void changed(MetaObject pod) {
        serial.run(() -> mirrors.shown(pod));
    }

    @Override
    public void removed(MetaObject last) {
        serial.run(() -> mirrors.shown(last));
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            CompletableFuture.supplyAsync(() -> {
                try {
                    return folder.look();
                } catch (IOException | DirectoryIteratorException e) {
                    throw new CompletionException(e);
                }
            }, io).whenComplete((look, failure) -> serial.run(() -> {
                if (failure == null) {
                    apply(look);
                } else {
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    folderProblem = Optional.of(new Problem("STATIC-POD-FOLDER", "The folder of static pods cannot be read: " + cause.getMessage(),
                            path.toString(), "Correct its permissions.", folderProblem.map(Problem::since).orElse(Instant.now())));
                    publish();
                }
                serial.runAfter(failure == null && look.unsettled() ? SOON : period, this::look);
            }));
        } catch (RejectedExecutionException e) {
            LOG.debug("No thread to read manifests now: {}", e.getMessage());
            serial.runAfter(period, this::look);
        }
    }

    private void apply(ManifestFolder.Look look) {
        if (closed) {
            return;
        }
        folderProblem = look.problem();
        boolean changes = !complete;
        bad.keySet().retainAll(look.present());
        for (String file : List.copyOf(files.keySet())) {
            if (!look.present().contains(file)) {
                replace(file, null);
                changes = true;
            }
        }
        for (Map.Entry<String, ManifestFolder.Content> each : look.changed().entrySet()) {
            changes |= take(each.getKey(), each.getValue());
        }
        publish();
        if (changes) {
            mirrors.want(files.values());
        }
        looks++;
        if (!complete && (!look.unsettled() || looks >= MAX_UNSETTLED)) {
            complete = true;
            listeners.forEach(Listener::complete);
        }
    }

    private boolean take(String file, ManifestFolder.Content content) {
        bad.remove(file);
        content.problem().ifPresent(problem -> bad.put(file, problem));
        if (content.pod().isEmpty()) {
            return false;
        }
        Pod pod = content.pod().get();
        Optional<String> other = files.entrySet().stream()
                .filter(e -> !e.getKey().equals(file) && e.getValue().toString().equals(pod.toString())).map(Map.Entry::getKey).findFirst();
        if (other.isPresent()) {
            bad.put(file, new Problem("STATIC-POD-MANIFEST", "The manifest is not used: " + path.resolve(other.get())
                    + " has a pod of the same name, " + pod, path.resolve(file).toString(), "Give one of them another name.", Instant.now()));
            return false;
        }
        Pod before = files.get(file);
        if (before != null && before.uid().equals(pod.uid())) {
            return false;
        }
        replace(file, pod);
        return true;
    }

    private void replace(String file, Pod now) {
        Pod before = now == null ? files.remove(file) : files.put(file, now);
        if (before != null) {
            listeners.forEach(listener -> listener.removed(before));
        }
        if (now != null) {
            LOG.info("Static pod {} from {}", now, path.resolve(file));
            listeners.forEach(listener -> listener.changed(now));
        }
    }

    /** Tells operators what is new among the problems. */
    private void publish() {
        List<Problem> all = new ArrayList<>(bad.values());
        folderProblem.ifPresent(all::add);
        List<Problem> before = problems;
        all.stream().filter(problem -> before.stream().noneMatch(p -> p.sentence().equals(problem.sentence()) && p.where().equals(problem.where())))
                .forEach(problem -> LOG.warn("{}: {}. {}", problem.where(), problem.sentence(), problem.remedy()));
        problems = List.copyOf(all);
    }
}
