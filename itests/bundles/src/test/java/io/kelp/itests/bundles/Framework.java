package io.kelp.itests.bundles;

import static org.junit.Assert.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;

/** Questions that the tests ask of the framework they run in. */
final class Framework {

    /** Waits for a service of our launcher, which is not part of this framework. */
    private static final String NEEDS_LAUNCHER = "io.kelp.control.internal.ConsoleCommand";

    private final BundleContext context;

    Framework(BundleContext context) {
        this.context = context;
    }

    /** Our own bundles, fragments left out. */
    List<Bundle> ownBundles() {
        List<Bundle> own = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getSymbolicName().startsWith("io.kelp.") && bundle.getHeaders().get("Fragment-Host") == null) {
                own.add(bundle);
            }
        }
        return own;
    }

    Bundle bundle(String symbolicName) {
        return ownBundles().stream().filter(b -> b.getSymbolicName().equals(symbolicName)).findFirst().orElseThrow();
    }

    /** Our bundles and components that do not run, and why. */
    List<String> troubledComponents() {
        List<String> troubled = new ArrayList<>();
        for (Bundle bundle : ownBundles()) {
            if (bundle.getState() != Bundle.ACTIVE) {
                troubled.add(bundle + " is in state " + bundle.getState());
            }
        }
        for (String[] each : components()) {
            if (!each[0].equals(NEEDS_LAUNCHER) && !each[1].equals("ACTIVE") && !each[1].equals("SATISFIED")) {
                troubled.add(each[0] + " " + each[1]);
            }
        }
        return troubled;
    }

    private List<String[]> components() {
        var reference = context.getServiceReference(ServiceComponentRuntime.class);
        ServiceComponentRuntime runtime = context.getService(reference);
        List<String[]> found = new ArrayList<>();
        for (var description : runtime.getComponentDescriptionDTOs(ownBundles().toArray(Bundle[]::new))) {
            var configurations = runtime.getComponentConfigurationDTOs(description);
            if (configurations.isEmpty() && !"require".equals(description.configurationPolicy)) {
                found.add(new String[] {description.name, "NO CONFIGURATION"});
            }
            for (ComponentConfigurationDTO each : configurations) {
                found.add(new String[] {description.name, switch (each.state) {
                    case ComponentConfigurationDTO.ACTIVE -> "ACTIVE";
                    case ComponentConfigurationDTO.SATISFIED -> "SATISFIED";
                    case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
                            "WAITS FOR " + List.of(each.unsatisfiedReferences).stream().map(r -> r.name).toList();
                    case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> "WAITS FOR CONFIGURATION";
                    default -> "FAILED: " + each.failure;
                }});
            }
        }
        context.ungetService(reference);
        return found;
    }

    /** Names of our live threads, numbers left out, and how many there are of each. */
    static Map<String, Integer> ownThreads() {
        Map<String, Integer> names = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("kelp-")) {
                names.merge(thread.getName().replaceAll("[0-9]+", "#"), 1, Integer::sum);
            }
        }
        return names;
    }

    /** Names of all live threads, numbers left out, and how many there are of each. */
    static Map<String, Integer> allThreads() {
        Map<String, Integer> names = new TreeMap<>();
        Thread.getAllStackTraces().keySet().forEach(thread -> names.merge(thread.getName().replaceAll("[0-9]+", "#"), 1, Integer::sum));
        return names;
    }

    /** How many established connections lead from this process to a port on loopback. */
    static int connections(int port) throws IOException {
        return sockets("01", fields -> fields[2].endsWith(String.format(":%04X", port)));
    }

    /** How many ports this process listens on. */
    static int listeners() throws IOException {
        return sockets("0A", fields -> true);
    }

    /** Counts this process' lines in /proc/net/tcp and tcp6 that have a state. */
    private static int sockets(String state, Predicate<String[]> wanted) throws IOException {
        Set<String> own = new HashSet<>();
        openFiles().forEach(target -> own.add(target.replaceAll("\\D", "")));
        int count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            if (Files.exists(Path.of(table))) {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] fields = line.strip().split("\\s+");
                    if (fields[3].equals(state) && own.contains(fields[9]) && wanted.test(fields)) {
                        count++;
                    }
                }
            }
        }
        return count;
    }

    /** What the descriptors of this process lead to. */
    static List<String> openFiles() throws IOException {
        List<String> targets = new ArrayList<>();
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : (Iterable<Path>) descriptors::iterator) {
                try {
                    targets.add(Files.readSymbolicLink(each).toString());
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile
                }
            }
        }
        return targets;
    }

    /** Waits for a condition; fails with what {@code state} says when it does not come true in time. */
    static void await(Duration deadline, Callable<Boolean> condition, Callable<?> state) throws Exception {
        long end = System.nanoTime() + deadline.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                fail("not within " + deadline + ": " + state.call());
            }
            Thread.sleep(20);
        }
    }
}
