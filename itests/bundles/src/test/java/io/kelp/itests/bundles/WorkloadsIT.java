package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** Pods in the framework of the gateway: side by side, behind their walls, and while the gateway's own bundles come and go. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class WorkloadsIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern LISTENS = Pattern.compile("listens on ([^ ]*) ([0-9]+)");
    private static final Map<String, String> PODS = new TreeMap<>(Map.of("a1", "alder:1.0.0", "a2", "alder:1.0.0", "b1", "birch:1.0.0", "new", "alder:2.0.0"));

    @Inject
    private BundleContext context;

    private Framework framework;
    // One framework and one cloud for all tests. It ends with the process: Pax Exam would call a method for the end of the class after each test.
    private static Cloud cloud;
    private static int version = 100;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withFeature(PodImages::into, "base", "workloads");
    }

    @Before
    public void podsRun() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
        if (cloud == null) {
            cloud = new Cloud(true);
            cloud.join(Path.of(context.getProperty("kelp.data")), Path.of(context.getProperty("kelp.etc")));
        }
        for (var each : PODS.entrySet()) {
            push(each.getKey(), each.getValue(), "");
        }
        awaitServing();
    }

    @Test
    public void versionsAndReplicasRunSideBySideAndSeeNothingOfEachOther() throws Exception {
        assertEquals(PODS.size(), podBundles().size());
        List<Bundle> alders = podBundles().stream().filter(b -> b.getSymbolicName().equals("org.example.alder")).toList();
        assertEquals(3, alders.size());
        for (Bundle each : alders) {
            List<String> seen = Stream.of(each.getBundleContext().getBundles()).filter(WorkloadsIT::isOfPod).map(Bundle::getLocation).toList();
            assertEquals(List.of(each.getLocation()), seen);
            for (String own : List.of("io.kelp.store.Store", "io.kelp.edgehub.CloudLink", "io.kelp.metamanager.MetaStore", "io.kelp.edged.WorkloadRuntime")) {
                ServiceReference<?>[] found = each.getBundleContext().getAllServiceReferences(own, null);
                assertEquals(own + " is visible: " + Arrays.toString(found), 0, found == null ? 0 : found.length);
            }
            ServiceReference<?>[] contexts = each.getBundleContext().getAllServiceReferences("io.kelp.runtime.osgi.PodContext", null);
            assertEquals("its own context and no other", 1, contexts.length);
        }
    }

    @Test
    public void gatewayBundlesKeepTheirWiresWhenPodsComeAndGo() throws Exception {
        Map<String, BundleWiring> before = new TreeMap<>();
        framework.ownBundles().forEach(b -> before.put(b.getSymbolicName() + " " + b.getBundleId(), b.adapt(BundleWiring.class)));
        for (int i = 0; i < 5; i++) {
            String name = "extra" + i;
            push(name, "birch:1.0.0", "");
            Framework.await(SOON, () -> ask(name).equals("birch 1.0.0"), () -> name + ": " + ask(name));
            remove(name);
            Framework.await(SOON, () -> podBundles().size() == PODS.size(), this::podBundles);
        }
        framework.ownBundles().forEach(b -> assertEquals(b + " was refreshed", before.get(b.getSymbolicName() + " " + b.getBundleId()), b.adapt(BundleWiring.class)));
    }

    @Test
    public void theRuntimeIsSwappedUnderRunningPods() throws Exception {
        Bundle runtime = framework.bundle("io.kelp.runtime-osgi");
        Map<String, Integer> before = Framework.ownThreads();
        for (int round = 0; round < 3; round++) {
            runtime.stop();
            assertEquals("bundles of pods are left", List.of(), podBundles());
            assertEquals("threads of pods are left", 0, podThreads());
            runtime.start();
            awaitServing();
        }
        try (InputStream jar = URI.create(runtime.getLocation()).toURL().openStream()) {
            runtime.update(jar);
        }
        refresh(runtime);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
        awaitServing();
        assertEquals(PODS.size(), podBundles().size());
        assertEquals(PODS.size(), podThreads());
        Framework.await(SOON, () -> Framework.ownThreads().entrySet().stream().allMatch(t -> t.getValue() <= before.getOrDefault(t.getKey(), 0)),
                () -> "threads before " + before + ", after " + Framework.ownThreads());
    }

    @Test
    public void podsGoOnWhileBundlesOfTheGatewayAreRestarted() throws Exception {
        Set<Long> before = podBundles().stream().map(Bundle::getBundleId).collect(Collectors.toSet());
        for (String name : List.of("io.kelp.edged", "io.kelp.metamanager", "io.kelp.store", "io.kelp.edgehub", "io.kelp.devicetwin", "io.kelp.oci")) {
            Bundle bundle = framework.bundle(name);
            bundle.stop();
            bundle.start();
            Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), () -> name + ": " + framework.troubledComponents());
            awaitServing();
            assertEquals("bundles of pods after restart of " + name, before, podBundles().stream().map(Bundle::getBundleId).collect(Collectors.toSet()));
        }
    }

    @Test
    public void nothingOfAPodRemainsWhenItIsGone() throws Exception {
        push("bad", "bad:1.0.0", ",'env':[{'name':'MODE','value':'throw'}]");
        for (String name : PODS.keySet()) {
            remove(name);
        }
        remove("bad");
        Framework.await(SOON, () -> podBundles().isEmpty() && podThreads() == 0, () -> podBundles() + ", threads " + podThreads());
        Framework.await(SOON, () -> folders().isEmpty(), this::folders);
    }

    @Test
    public void theFrameworkForgetsBundlesOfPodsThatAreGone() throws Exception {
        List<WeakReference<Bundle>> gone = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String name = "passing" + i;
            push(name, "birch:1.0.0", "");
            Framework.await(SOON, () -> ask(name).equals("birch 1.0.0"), () -> name + ": " + ask(name));
            podBundles().stream().filter(b -> b.getLocation().contains("uid-" + name)).forEach(b -> gone.add(new WeakReference<>(b)));
            remove(name);
            Framework.await(SOON, () -> podBundles().size() == PODS.size(), this::podBundles);
        }
        assertEquals(3, gone.size());
        Framework.await(SOON, () -> {
            System.gc();
            return gone.stream().allMatch(b -> b.get() == null);
        }, () -> gone.stream().map(WeakReference::get).toList());
    }

    private void push(String name, String image, String more) {
        cloud.set("edgecontroller", "default/pod/" + name, """
                {'apiVersion':'v1','kind':'Pod','metadata':{'namespace':'default','name':'%s','uid':'uid-%s','resourceVersion':'%d'},
                'spec':{'nodeName':'edge-a','runtimeClassName':'osgi','restartPolicy':'Always','terminationGracePeriodSeconds':5,
                'containers':[{'name':'web','image':'example.com/%s','imagePullPolicy':'IfNotPresent','ports':[{'containerPort':8080}]%s}]},'status':{'phase':'Pending'}}"""
                .formatted(name, name, ++version, image, more));
    }

    private void remove(String name) {
        cloud.delete("default/pod/" + name);
    }

    private void awaitServing() throws Exception {
        for (var each : PODS.entrySet()) {
            String expected = each.getValue().replace(':', ' ');
            Framework.await(SOON, () -> ask(each.getKey()).equals(expected), () -> each.getKey() + ": " + ask(each.getKey()) + "; " + podBundles());
        }
    }

    /** What a pod answers, at the port that it said last it listens on. */
    private String ask(String pod) {
        try {
            Path folder = Path.of(context.getProperty("kelp.home"), "log/pods/default_" + pod + "_uid-" + pod + "/web");
            String log;
            try (Stream<Path> attempts = Files.list(folder)) {
                var newest = attempts.max(Comparator.comparingInt(f -> Integer.parseInt(f.getFileName().toString().split("\\.")[0])));
                log = newest.isPresent() ? Files.readString(newest.get()) : "";
            }
            String address = "127.0.0.1";
            int port = 0;
            for (Matcher m = LISTENS.matcher(log); m.find(); ) {
                address = m.group(1);
                port = Integer.parseInt(m.group(2));
            }
            HttpURLConnection http = (HttpURLConnection) new URL("http://" + address + ":" + port + "/").openConnection();
            http.setConnectTimeout(1000);
            http.setReadTimeout(2000);
            try (InputStream in = http.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            return e.toString();
        }
    }

    private List<Bundle> podBundles() {
        // Other bundles do not see them.
        return Stream.of(context.getBundle(0).getBundleContext().getBundles()).filter(WorkloadsIT::isOfPod).toList();
    }

    private static boolean isOfPod(Bundle bundle) {
        return bundle.getSymbolicName() != null && bundle.getSymbolicName().startsWith("org.example.");
    }

    private static long podThreads() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> List.of("alder", "birch", "bad").contains(t.getName())).count();
    }

    private List<String> folders() {
        String[] names = Path.of(context.getProperty("kelp.data"), "pods").toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private void refresh(Bundle bundle) throws Exception {
        var done = new CountDownLatch(1);
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle), event -> done.countDown());
        assertTrue("refresh of " + bundle + " hangs", done.await(SOON.toMillis(), TimeUnit.MILLISECONDS));
    }
}
