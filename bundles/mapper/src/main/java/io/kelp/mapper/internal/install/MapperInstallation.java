package io.kelp.mapper.internal.install;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperRefusedException;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the installed mappers running, on one thread of its own, and takes orders from command line, console and drop folder. */
@Component(configurationPid = "io.kelp.mapper.install", immediate = true,
        service = {MapperInstaller.class, ControlCommand.class, StatusSource.class})
@Designate(ocd = InstallConfig.class)
public final class MapperInstallation implements MapperInstaller, ControlCommand, StatusSource {

    private static final Logger LOG = LoggerFactory.getLogger(MapperInstallation.class);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long START_LOOK_MILLIS = 50;

    private final ContentStore content;
    private final Mappers mappers;
    private final DropFolder dropFolder;
    private final MapperHealth health;
    private final ScheduledThreadPoolExecutor thread;
    private boolean restored; // our thread
    private volatile List<Mapper> shown = List.of();

    @Activate
    public MapperInstallation(InstallConfig config, BundleContext context, @Reference Store store, @Reference MapperHealth health)
            throws IOException {
        this.health = health;
        Path folder = Path.of(property(context, "kelp.data")).toAbsolutePath().resolve("mappers");
        Path drop = Path.of(property(context, "kelp.home")).toAbsolutePath().resolve("mappers");
        content = new ContentStore(folder, config.mostMebibytes() * 1024L * 1024);
        content.open();
        mappers = new Mappers(content, new MapperBundles(context, folder), store.collection("mapper.installed", Installed.CODEC, Durability.POWER),
                store.collection("mapper.known", RecordCodec.text(), Durability.POWER), Duration.ofSeconds(config.driverSeconds()), config.mostMappers(), InstantSource.system());
        dropFolder = new DropFolder(drop, content, mappers);
        thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(null, task, "kelp-mapper-install", 0, false));
        thread.prestartAllCoreThreads();
        thread.scheduleWithFixedDelay(this::tend, 0, config.lookMillis(), TimeUnit.MILLISECONDS);
    }

    private static String property(BundleContext context, String name) {
        String value = context.getProperty(name);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException("framework property " + name + " is missing; the launcher sets it to a folder of the gateway");
        }
        return value;
    }

    @Deactivate
    void stop() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("The installation of a mapper is still under way after 2 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tend() {
        try {
            if (restored) {
                mappers.mend();
            } else {
                restored = mappers.restore();
                if (!restored) {
                    thread.schedule(this::tend, START_LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
            }
            dropFolder.look();
            shown = mappers.show(this::devices);
        } catch (RuntimeException e) { // a scheduled task that throws is never run again
            LOG.error("Looking after the mappers failed", e);
        }
    }

    private int devices(List<String> protocols) {
        return (int) health.devices().stream().map(DeviceHealth::protocol).filter(protocols::contains).count();
    }

    @Override
    public List<Mapper> list() {
        try {
            return ordered(() -> mappers.show(this::devices));
        } catch (IOException | MapperRefusedException e) {
            LOG.debug("The list of mappers may be old: {}", e.getMessage());
            return shown;
        }
    }

    @Override
    public Mapper install(InputStream jar) throws IOException, MapperRefusedException {
        return put(jar, Mappers.Change.INSTALL);
    }

    @Override
    public Mapper update(InputStream jar) throws IOException, MapperRefusedException {
        return put(jar, Mappers.Change.UPDATE);
    }

    private Mapper put(InputStream jar, Mappers.Change change) throws IOException, MapperRefusedException {
        // Received on the caller's thread: a slow upload must not keep the others waiting.
        try (ContentStore.Received received = content.receive(jar)) {
            return ordered(() -> {
                Installed before = mappers.installed().get(MapperJar.inspect(received.file()).name());
                Installed now = before != null && !before.file().isEmpty() && change == Mappers.Change.UPDATE
                        ? updateInFolder(received, before) : mappers.put(received, change, "");
                return mappers.show(this::devices).stream().filter(m -> m.name().equals(now.name())).findFirst().orElseThrow();
            });
        }
    }

    private Installed updateInFolder(ContentStore.Received received, Installed before) throws IOException, MapperRefusedException {
        dropFolder.replace(before, received.file());
        try {
            return mappers.put(received, Mappers.Change.UPDATE, before.file());
        } catch (IOException | MapperRefusedException e) {
            dropFolder.replace(before, content.path(before.sha256()));
            throw e;
        }
    }

    @Override
    public void remove(String name) throws IOException, MapperRefusedException {
        ordered(() -> {
            Installed mapper = mappers.named(name);
            dropFolder.delete(mapper);
            mappers.remove(mapper);
            return true;
        });
    }

    /** Runs a task on our thread, after those before it. */
    private <T> T ordered(Callable<T> task) throws IOException, MapperRefusedException {
        Future<T> future;
        try {
            future = thread.submit(task);
        } catch (RejectedExecutionException e) {
            throw new IOException("the gateway is stopping", e);
        }
        try {
            return future.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof MapperRefusedException refused) {
                throw refused;
            }
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IOException("the mapper could not be changed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new IOException("not done within " + LONGEST.toSeconds() + " s; kelp mapper list shows what is there now", e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; kelp mapper list shows what is there now", e);
        }
    }

    @Override
    public JsonObject status() {
        JsonArray list = new JsonArray();
        for (Mapper mapper : shown) {
            JsonObject json = new JsonObject();
            json.addProperty("name", mapper.name());
            json.addProperty("version", mapper.version());
            json.addProperty("state", mapper.state());
            json.addProperty("origin", mapper.origin());
            json.addProperty("devices", devices(mapper.protocols()));
            JsonArray protocols = new JsonArray();
            mapper.protocols().forEach(protocols::add);
            json.add("protocols", protocols);
            list.add(json);
        }
        JsonObject status = new JsonObject();
        status.add("mappers", list);
        return status;
    }

    @Override
    public List<Problem> problems() {
        return List.copyOf(mappers.problems().values());
    }

    @Override
    public String name() {
        return "mapper";
    }

    @Override
    public List<String> usage() {
        return MapperCommand.USAGE;
    }

    @Override
    public Result run(List<String> arguments) {
        return new MapperCommand(this, health).run(arguments);
    }
}
