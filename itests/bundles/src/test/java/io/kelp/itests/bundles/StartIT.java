package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/**
 * Starts the base feature again and again while threads ask for all our services: what Declarative
 * Services can lock wrongly shows when somebody asks for a component that is just being made.
 * The framework is ours and not Pax Exam's, which starts it before a test can disturb.
 */
public class StartIT {

    private static final int STARTS = 20;
    private static final int DISTURBERS = 2;
    private static final int LAST_LEVEL = 10;
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final Pattern OF_LOCKS = Pattern.compile("(?i)lock|circular");

    private volatile boolean stopping;
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                complain(entry.getLoggerName() + ": " + entry.getMessage(), entry.getThrown());
            }
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            // nothing is open
        }
    };

    @Before
    public void listen() {
        LogManager.getLogManager().getLogger("").addHandler(listener);
    }

    @After
    public void endListening() {
        Logger.getLogger("").removeHandler(listener);
    }

    @Test
    public void startsAndStopsUnderServiceLookupsWithoutAComplaint() throws Exception {
        for (int start = 1; start <= STARTS; start++) {
            startOnce(start);
            assertEquals("after start " + start, Map.of(), io.kelp.itests.bundles.Framework.ownThreads());
        }
        // A gateway that has not joined says so, once per start; nothing else is worth a warning.
        List<String> unexpected = complaints.stream().filter(c -> !c.contains("has not joined")).toList();
        assertEquals(List.of(), unexpected);
        assertTrue("the log is heard: " + complaints.size(), complaints.size() >= STARTS);
    }

    /** Whoever asks for a service that is just ending gets none, and the framework says so: right while all end, and only then. */
    private void complain(String sentence, Throwable cause) {
        String all = cause == null ? sentence : sentence + " " + cause;
        if (!stopping || OF_LOCKS.matcher(all).find()) {
            complaints.add(all);
        }
    }

    private void startOnce(int number) throws Exception {
        stopping = false;
        Map<String, String> properties = GatewayFramework.frameworkProperties("base");
        properties.put("org.osgi.framework.startlevel.beginning", "1");
        ownNativeLibrary(Path.of(properties.get("kelp.home")));
        Framework framework = new FrameworkFactory().newFramework(properties);
        framework.init();
        BundleContext context = framework.getBundleContext();
        context.addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.ERROR || event.getType() == FrameworkEvent.WARNING) {
                complain("framework", event.getThrowable());
            }
        });
        install(context);
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> disturbers = new ArrayList<>();
        for (int i = 0; i < DISTURBERS; i++) {
            Thread thread = new Thread(() -> disturb(context, over), "disturber-" + i);
            thread.start();
            disturbers.add(thread);
        }
        try {
            framework.start();
            framework.adapt(FrameworkStartLevel.class).setStartLevel(LAST_LEVEL);
            io.kelp.itests.bundles.Framework.await(SOON, () -> missing(context).isEmpty(),
                    () -> "start " + number + ": " + missing(context));
            stopping = true; // under questions, too
            framework.stop();
            assertEquals(FrameworkEvent.STOPPED, framework.waitForStop(SOON.toMillis()).getType());
        } finally {
            over.set(true);
            for (Thread thread : disturbers) {
                thread.join(SOON.toMillis());
            }
            framework.stop();
            framework.waitForStop(SOON.toMillis());
        }
    }

    private static void install(BundleContext context) throws BundleException {
        for (GatewayFramework.Jar jar : GatewayFramework.jars("base")) {
            Bundle bundle = context.installBundle(jar.location());
            bundle.adapt(BundleStartLevel.class).setStartLevel(jar.startLevel());
            if (!jar.fragment()) {
                bundle.start();
            }
        }
    }

    /** Of the services that say that everything is up those that are not there. */
    private static List<String> missing(BundleContext context) throws InvalidSyntaxException {
        List<String> missing = new ArrayList<>();
        for (String name : List.of("io.kelp.control.StatusReport", "io.kelp.store.Store", "io.kelp.edgehub.CloudLink",
                "io.kelp.metamanager.MetaStore", "io.kelp.broker.EmbeddedBroker", "io.kelp.eventbus.MqttBus",
                "io.kelp.devicetwin.DeviceTwins", "io.kelp.mapper.MapperInstaller")) {
            // All: the same classes are on the class path of the test, and the framework would compare them.
            if (context.getAllServiceReferences(name, null) == null) {
                missing.add(name);
            }
        }
        return missing;
    }

    /** A library file can be loaded by one class loader of a process only: each framework gets a copy. */
    private static void ownNativeLibrary(Path home) throws IOException {
        Map<String, String> wanted = GatewayFramework.systemProperties();
        String name = wanted.get("org.sqlite.lib.name");
        Files.copy(Path.of(wanted.get("org.sqlite.lib.path"), name), home.resolve(name));
        System.setProperty("org.sqlite.lib.path", home.toString());
        System.setProperty("org.sqlite.lib.name", name);
        System.setProperty("org.sqlite.tmpdir", home.toString());
    }

    /** Takes and gives back every service of ours, as fast as it can. */
    private void disturb(BundleContext context, AtomicBoolean over) {
        while (!over.get()) {
            try {
                ServiceReference<?>[] all = context.getAllServiceReferences(null, null);
                for (ServiceReference<?> each : all == null ? new ServiceReference<?>[0] : all) {
                    Bundle owner = each.getBundle(); // null when it is gone
                    if (owner != null && owner.getSymbolicName().startsWith("io.kelp.") && context.getService(each) != null) {
                        context.ungetService(each);
                    }
                }
            } catch (IllegalStateException e) {
                if (e.getMessage() != null && e.getMessage().contains("lock")) {
                    complaints.add("asking for services: " + e);
                }
                return; // the framework is gone
            } catch (InvalidSyntaxException e) {
                throw new AssertionError(e);
            }
        }
    }
}
