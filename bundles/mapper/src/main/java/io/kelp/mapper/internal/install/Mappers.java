package io.kelp.mapper.internal.install;

import io.kelp.control.Problem;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.MapperRefusedException;
import io.kelp.store.RecordCollection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The installed mappers: the list in the store says what there is, the content store has the jars,
 * and the framework follows. A change is first tried in the framework, then made durable by one
 * write of the list, then cleaned up; whoever dies in between finds the old list or the new one,
 * and {@link #restore} makes the rest agree with it. Used by one thread at a time.
 */
final class Mappers {

    private static final Logger LOG = LoggerFactory.getLogger(Mappers.class);
    private static final long STORE_SECONDS = 30;
    private static final int MENDS_TO_RETRY = 30;

    private final ContentStore content;
    private final MapperBundles bundles;
    private final RecordCollection<Installed> list;
    private final LostList lost;
    private final Duration patience;
    private final int mostMappers;
    private final InstantSource clock;
    private int mends;
    private boolean tooEarly;
    private final Map<String, Problem> problems = new ConcurrentHashMap<>();

    /**
     * @param known empty when the store is new, or was lost
     * @param patience how long a new mapper may take until it offers a driver
     */
    Mappers(ContentStore content, MapperBundles bundles, RecordCollection<Installed> list, RecordCollection<String> known,
            Duration patience, int mostMappers, InstantSource clock) {
        this.content = content;
        this.bundles = bundles;
        this.list = list;
        this.lost = new LostList(content, list, known);
        this.patience = patience;
        this.mostMappers = mostMappers;
        this.clock = clock;
    }

    Map<String, Problem> problems() {
        return problems;
    }

    Map<String, Installed> installed() {
        return list.snapshot();
    }

    /**
     * Makes the framework agree with the list. One bad mapper keeps no other from running.
     *
     * @return false while the gateway itself is starting and mappers may not run yet: to be called again soon
     */
    boolean restore() {
        tooEarly = false;
        lost.findAgain();
        Map<String, Installed> wanted = list.snapshot();
        Set<String> digests = new HashSet<>();
        Set<Bundle> rightful = new HashSet<>();
        for (Installed mapper : wanted.values()) {
            digests.add(mapper.sha256());
            Optional<Bundle> bundle = bundles.of(content.path(mapper.sha256()));
            if (bundle.isEmpty() || !MapperBundles.running(bundle.get())) {
                bundle = run(mapper, bundle);
            }
            bundle.ifPresent(rightful::add);
        }
        for (Bundle bundle : bundles.managed()) {
            if (!rightful.contains(bundle)) {
                bundles.uninstall(bundle);
            }
        }
        tidy(digests);
        return !tooEarly;
    }

    /** Deletes the jars that the list does not name, unless the list is still to be made from them. */
    private void tidy(Set<String> digests) {
        if (lost.isFound()) {
            content.retain(digests);
        }
    }

    /** Tries mappers that did not run again from time to time, and keeps those of the gateway stopped that ours replace. */
    void mend() {
        boolean retry = ++mends % MENDS_TO_RETRY == 0;
        if (retry && !lost.isFound()) {
            restore();
        }
        for (Installed mapper : list.snapshot().values()) {
            Optional<Bundle> bundle = bundles.of(content.path(mapper.sha256()));
            if (bundle.filter(MapperBundles::running).isPresent()) {
                displaceGateways(mapper.name());
            } else if (retry && problems.containsKey("run " + mapper.name())) {
                run(mapper, bundle);
            }
        }
    }

    private Optional<Bundle> run(Installed mapper, Optional<Bundle> present) {
        String key = "run " + mapper.name();
        Optional<Bundle> here = present;
        try {
            if (present.isEmpty() && !content.intact(mapper.sha256())) {
                throw new MapperRefusedException("its jar " + content.path(mapper.sha256()) + " is damaged or gone");
            }
            Bundle bundle = present.isPresent() ? present.get() : bundles.install(content.path(mapper.sha256()));
            here = Optional.of(bundle);
            displaceGateways(mapper.name());
            MapperBundles.start(bundle);
            problems.remove(key);
            return here;
        } catch (MapperRefusedException | BundleException e) {
            if (e instanceof BundleException early && early.getType() == BundleException.START_TRANSIENT_ERROR) {
                tooEarly = true; // the framework has not reached the start level of mappers
                return here;
            }
            if (problem(key, "MAPPER-DOES-NOT-RUN", "Mapper " + mapper.name() + " " + mapper.version() + " does not run: " + e.getMessage(),
                    mapper.name(), "Install a working version of it with kelp mapper update, or remove it.")) {
                LOG.error("Mapper {} {} does not run: {}", mapper.name(), mapper.version(), e.getMessage());
            }
            return present;
        }
    }

    private void displaceGateways(String name) {
        bundles.ofGateway(name).filter(MapperBundles::running).ifPresent(MapperBundles::stop);
    }

    /** @return whether this is news */
    boolean problem(String key, String code, String sentence, String where, String remedy) {
        Problem before = problems.get(key);
        if (before != null && before.sentence().equals(sentence)) {
            return false;
        }
        problems.put(key, new Problem(code, sentence, where, remedy, clock.instant()));
        return true;
    }

    /** What may be changed by a jar. */
    enum Change { INSTALL, UPDATE, EITHER }

    /**
     * Puts a jar in the place of what there is of its name, or refuses it with nothing changed.
     *
     * @param file in the drop folder that it comes from, or empty
     */
    Installed put(ContentStore.Received received, Change change, String file) throws IOException, MapperRefusedException {
        MapperJar jar = MapperJar.inspect(received.file());
        Installed old = list.get(jar.name()).orElse(null);
        Bundle gateways = bundles.ofGateway(jar.name()).orElse(null);
        if (gateways != null && !MapperBundles.isMapper(gateways)) {
            throw new MapperRefusedException("bundle " + jar.name() + " belongs to the gateway itself and is no mapper");
        }
        boolean here = old != null || gateways != null;
        if (here && change == Change.INSTALL) {
            throw new MapperRefusedException("mapper " + jar.name() + " " + (old != null ? old.version() : gateways.getVersion())
                    + " is here already; use update to replace it");
        }
        if (!here && change == Change.UPDATE) {
            throw new MapperRefusedException("there is no mapper " + jar.name() + " to update; use install");
        }
        if (old == null && list.snapshot().size() >= mostMappers) {
            throw new MapperRefusedException("there are " + mostMappers + " installed mappers already; remove one, or raise mostMappers of io.kelp.mapper.install");
        }
        Installed now = new Installed(jar.name(), jar.version().toString(), received.sha256(), file);
        if (old != null && old.sha256().equals(received.sha256())) {
            durably(now);
            return now;
        }
        swap(received, old, gateways, now);
        problems.remove("run " + jar.name());
        LOG.info("Mapper {} {} is {}", now.name(), now.version(), here ? "updated" : "installed");
        return now;
    }

    private void swap(ContentStore.Received received, Installed old, Bundle gateways, Installed now) throws IOException, MapperRefusedException {
        Path kept = content.keep(received);
        Bundle before = old == null ? gateways : bundles.of(content.path(old.sha256())).orElse(null);
        Bundle fresh = bundles.install(kept);
        boolean ranBefore = before != null && MapperBundles.running(before);
        try {
            if (ranBefore) {
                MapperBundles.stop(before);
            }
            bundles.start(fresh, patience);
            durably(now);
        } catch (IOException | MapperRefusedException | RuntimeException e) {
            bundles.uninstall(fresh);
            if (ranBefore) {
                restart(before);
            }
            throw e;
        }
        if (before != null && before != gateways) {
            bundles.uninstall(before);
        }
        tidy(digests());
    }

    private static void restart(Bundle bundle) {
        try {
            MapperBundles.start(bundle);
        } catch (BundleException e) {
            LOG.error("Mapper {} {} does not start again: {}", bundle.getSymbolicName(), bundle.getVersion(), e.getMessage());
        }
    }

    private Set<String> digests() {
        Set<String> digests = new HashSet<>();
        list.snapshot().values().forEach(i -> digests.add(i.sha256()));
        return digests;
    }

    void remove(Installed mapper) throws IOException {
        await(list.remove(mapper.name()));
        problems.remove("run " + mapper.name());
        bundles.of(content.path(mapper.sha256())).ifPresent(bundle -> {
            MapperBundles.stop(bundle);
            bundles.uninstall(bundle);
        });
        tidy(digests());
        bundles.ofGateway(mapper.name()).ifPresent(Mappers::restart); // it had stood back for this one
        LOG.info("Mapper {} {} is removed", mapper.name(), mapper.version());
    }

    private void durably(Installed mapper) throws IOException {
        await(list.put(mapper.name(), mapper));
    }

    private static void await(java.util.concurrent.CompletionStage<Void> written) throws IOException {
        try {
            written.toCompletableFuture().get(STORE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the list of mappers could not be written: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the list of mappers was not written within " + STORE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the gateway is stopping", e);
        }
    }

    /**
     * The installed mapper that answers to a name.
     *
     * @throws MapperRefusedException when none or several do, or it is one of the gateway's own
     */
    Installed named(String name) throws MapperRefusedException {
        List<Mapper> found = new ArrayList<>();
        for (Mapper mapper : show(protocols -> 0)) {
            if (mapper.name().equals(name)) {
                found = List.of(mapper);
                break;
            }
            if (mapper.name().endsWith("." + name) || mapper.protocols().contains(name)) {
                found.add(mapper);
            }
        }
        if (found.size() > 1) {
            throw new MapperRefusedException("several mappers answer to " + name + ": "
                    + String.join(", ", found.stream().map(Mapper::name).toList()) + "; give the whole name");
        }
        if (found.isEmpty()) {
            throw new MapperRefusedException("there is no mapper " + name);
        }
        return list.get(found.get(0).name()).orElseThrow(() -> new MapperRefusedException(
                "mapper " + name + " came with the gateway and cannot be removed: take it out of the gateway's features"));
    }

    /** @param devices number of devices driven by the drivers of these protocols */
    List<Mapper> show(ToIntFunction<List<String>> devices) {
        List<Mapper> shown = new ArrayList<>();
        Map<String, Installed> installed = list.snapshot();
        for (Installed mapper : installed.values()) {
            Optional<Bundle> bundle = bundles.of(content.path(mapper.sha256()));
            List<String> protocols = bundle.map(bundles::protocols).orElse(List.of());
            shown.add(new Mapper(mapper.name(), mapper.version(), mapper.sha256(), bundle.map(Mappers::state).orElse("DAMAGED"),
                    protocols, mapper.origin(), devices.applyAsInt(protocols)));
        }
        for (Bundle bundle : bundles.mappersOfGateway()) {
            if (!installed.containsKey(bundle.getSymbolicName())) {
                List<String> protocols = bundles.protocols(bundle);
                shown.add(new Mapper(bundle.getSymbolicName(), bundle.getVersion().toString(), "", state(bundle), protocols,
                        "gateway", devices.applyAsInt(protocols)));
            }
        }
        shown.sort(Comparator.comparing(Mapper::name));
        return shown;
    }

    private static String state(Bundle bundle) {
        return switch (bundle.getState()) {
            case Bundle.ACTIVE -> "ACTIVE";
            case Bundle.STARTING -> "STARTING";
            case Bundle.STOPPING -> "STOPPING";
            case Bundle.RESOLVED -> "RESOLVED";
            default -> "INSTALLED";
        };
    }
}
