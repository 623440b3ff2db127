package io.kelp.mapper.internal.install;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.MapperInstaller;
import io.kelp.store.Store;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** A gateway in small: Felix, Declarative Services, the mapper bundle as it is built, twins and store in memory or in a file. */
final class TestFramework implements AutoCloseable {

    private static final String SHARED = "io.kelp.mapper;version=1.1.0,io.kelp.store;version=1.1.0,io.kelp.control;version=1.0.0,"
            + "io.kelp.edged;version=1.1.0,io.kelp.edgehub;version=1.2.0,io.kelp.message;version=1.1.0,"
            + "io.kelp.devicetwin;version=1.1.0,org.slf4j;version=2.0.17,com.google.gson;version=2.15.0";

    final Path home;
    final Framework framework;

    TestFramework(Path home, DeviceTwins twins, Store store) throws Exception {
        this(home, twins, store, 1);
    }

    /** @param levelOfMappers the start level of bundles that are installed from now on; the framework itself is at 1 */
    TestFramework(Path home, DeviceTwins twins, Store store, int levelOfMappers) throws Exception {
        this.home = home;
        Files.createDirectories(home.resolve("mappers"));
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, home.resolve("cache").toString());
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SHARED);
        settings.put("kelp.home", home.toString());
        settings.put("kelp.data", home.resolve("data").toString());
        framework = new FrameworkFactory().newFramework(settings);
        framework.start();
        BundleContext context = framework.getBundleContext();
        context.registerService(DeviceTwins.class, twins, null);
        context.registerService(Store.class, store, null);
        for (String marker : new String[] {"org.osgi.util.function.Function", "org.osgi.util.promise.Promise",
            "org.osgi.service.component.ComponentConstants", "org.apache.felix.scr.info.ScrInfo"}) {
            install(jarOf(marker)).start();
        }
        Bundle runtime = install(mapperBundle(home));
        framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(levelOfMappers);
        runtime.start();
        await("the installer", () -> context.getServiceReference(MapperInstaller.class) != null);
        installer().list();
    }

    private Bundle install(Path jar) throws Exception {
        return framework.getBundleContext().installBundle(jar.toUri().toString());
    }

    private static Path jarOf(String className) throws Exception {
        return Path.of(Class.forName(className).getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** The bundle as the build makes it, from the same classes and annotations. */
    private static Path mapperBundle(Path home) throws Exception {
        return build(home.resolve("io.kelp.mapper.jar"), "io.kelp.mapper", "0.1.0", jarOf("io.kelp.mapper.DeviceDriver").toFile(),
                Map.of("Private-Package", "io.kelp.mapper.internal.*", "-exportcontents", "io.kelp.mapper"), null);
    }

    /** A mapper in a jar of its own; each build differs, by its text in driver.properties. */
    static Path driver(Path file, String name, String version, String traits) throws Exception {
        return build(file, name, version, jarOf("io.kelp.mapper.testdriver.TestDriver").toFile(),
                Map.of("Private-Package", "io.kelp.mapper.testdriver"), traits);
    }

    static Path build(Path file, String name, String version, File classes, Map<String, String> headers, String traits) throws Exception {
        try (Builder builder = new Builder()) {
            builder.addClasspath(classes);
            for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
                if (new File(part).isFile() || part.endsWith("/classes")) {
                    builder.addClasspath(new File(part));
                }
            }
            builder.setBundleSymbolicName(name);
            builder.setBundleVersion(version);
            builder.setProperty("-dsannotations-options", "norequirements");
            headers.forEach(builder::setProperty);
            Jar jar = builder.build();
            if (!builder.getErrors().isEmpty()) {
                throw new IllegalStateException("bnd: " + builder.getErrors());
            }
            if (traits != null) {
                jar.putResource("driver.properties", new EmbeddedResource(traits.getBytes(StandardCharsets.ISO_8859_1), 0));
            }
            Files.createDirectories(file.getParent());
            jar.write(file.toFile());
            return file;
        }
    }

    <T> T service(Class<T> type) {
        ServiceReference<T> reference = framework.getBundleContext().getServiceReference(type);
        return framework.getBundleContext().getService(reference);
    }

    MapperInstaller installer() {
        return service(MapperInstaller.class);
    }

    MapperHealth health() {
        return service(MapperHealth.class);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " did not come within 20 s");
            }
            Thread.sleep(10);
        }
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        try {
            framework.waitForStop(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
