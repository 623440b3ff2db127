package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edgehub.CloudLink;
import io.kelp.metamanager.MetaStore;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerMethod;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** The base feature with a cloud: bundles come and go while the cloud goes on pushing. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerMethod.class)
public class CloudIT {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Duration MOMENT = Duration.ofMillis(500);
    private static final String MAP = "default/configmap/settings";
    private static final String DEVICE = "default/device/pump";

    @Inject
    private BundleContext context;

    private Framework framework;
    private Cloud cloud;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withFeature("base");
    }

    @Before
    public void everythingRuns() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    @After
    public void close() throws Exception {
        cloud.close();
    }

    @Test
    public void aHandlerThatWasStoppedMissesNothingOfAKelpCloud() throws Exception {
        join(true);
        missesNothing(() -> null);
    }

    @Test
    public void aHandlerThatWasStoppedMissesNothingOfAStockCloud() throws Exception {
        join(false);
        missesNothing(() -> {
            cloud.repeat();
            return null;
        });
    }

    private void missesNothing(Callable<Void> cloudsPart) throws Exception {
        for (String name : new String[] {"io.kelp.metamanager", "io.kelp.devicetwin"}) {
            Bundle bundle = framework.bundle(name);
            String resource = name.endsWith("metamanager") ? MAP : DEVICE;
            for (int next = 10; next < 15; next++) {
                int version = next;
                bundle.stop();
                set(resource, version);
                assertFalse(resource + " was acknowledged though nobody stored it", within(MOMENT, () -> cloud.acknowledged(resource)));
                bundle.start();
                Framework.await(SOON, () -> {
                    cloudsPart.call();
                    return cloud.acknowledged(resource) && seen(resource).equals("v" + version);
                }, () -> resource + " is " + seen(resource) + ", acknowledged: " + cloud.acknowledged(resource));
            }
        }
    }

    @Test
    public void whatChangesWhileTheHubIsAwayArrivesWhenItIsBack() throws Exception {
        join(true);
        Bundle hub = framework.bundle("io.kelp.edgehub");
        hub.stop();
        assertTrue("its copy serves without the hub", seen(MAP).equals("v1"));
        set(MAP, 20);
        set(DEVICE, 20);
        hub.start();
        Framework.await(SOON, () -> seen(MAP).equals("v20") && seen(DEVICE).equals("v20"), () -> seen(MAP) + " " + seen(DEVICE));
        try (InputStream jar = URI.create(hub.getLocation()).toURL().openStream()) {
            hub.update(jar);
        }
        set(MAP, 21);
        Framework.await(SOON, () -> seen(MAP).equals("v21"), () -> seen(MAP));
    }

    @Test
    public void theHubLeavesNeitherConnectionNorThreadBehind() throws Exception {
        join(true);
        Bundle hub = framework.bundle("io.kelp.edgehub");
        assertTrue("sockets to the cloud: " + Framework.connections(cloud.port()), Framework.connections(cloud.port()) > 0);
        hub.stop();
        Framework.await(SOON, () -> Framework.connections(cloud.port()) == 0, () -> Framework.connections(cloud.port()));
        Framework.await(SOON, () -> {
            System.gc(); // a client of Java 17 ends its thread when it is collected
            return Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().startsWith("HttpClient")
                    || t.getName().startsWith("kelp-edgehub"));
        }, () -> Thread.getAllStackTraces().keySet());
        hub.start();
        connected();
    }

    @Test
    public void aLinkFollowsItsConfiguration() throws Exception {
        join(true);
        Path settings = Path.of(context.getProperty("kelp.etc"), "io.kelp.edgehub.json");
        String good = Files.readString(settings);
        Files.writeString(settings, good.replace("\"hubPort\": " + cloud.port(), "\"hubPort\": 1"));
        Framework.await(SOON, () -> state() != CloudLink.State.CONNECTED, this::state);
        Files.writeString(settings, good);
        connected();
    }

    private void join(boolean kelp) throws Exception {
        cloud = new Cloud(kelp);
        cloud.join(Path.of(context.getProperty("kelp.data")), Path.of(context.getProperty("kelp.etc")));
        connected();
        cloud.set("devicecontroller", "default/devicemodel/pump-model", "{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'DeviceModel',"
                + "'metadata':{'name':'pump-model','namespace':'default','uid':'m1','resourceVersion':'3'},"
                + "'spec':{'properties':[{'name':'mode','type':'STRING','accessMode':'ReadWrite'}]}}");
        set(MAP, 1);
        set(DEVICE, 1);
        Framework.await(SOON, () -> {
            cloud.repeat();
            return seen(MAP).equals("v1") && seen(DEVICE).equals("v1");
        }, () -> seen(MAP) + " " + seen(DEVICE));
    }

    private void set(String resource, int version) {
        String metadata = "'metadata':{'namespace':'default','name':'" + resource.substring(resource.lastIndexOf('/') + 1)
                + "','uid':'u-" + resource.replace('/', '-') + "','resourceVersion':'" + version + "'}";
        if (resource.equals(MAP)) {
            cloud.set("edgecontroller", MAP, "{'apiVersion':'v1','kind':'ConfigMap'," + metadata + ",'data':{'k':'v" + version + "'}}");
        } else {
            cloud.set("devicecontroller", DEVICE, "{'apiVersion':'devices.kubeedge.io/v1beta1','kind':'Device'," + metadata
                    + ",'spec':{'nodeName':'edge-a','deviceModelRef':{'name':'pump-model'},'properties':[{'name':'mode','desired':{'value':'v"
                    + version + "'}}]}}");
        }
    }

    /** The value as the gateway has it now, empty when it has none or its bundle is away. */
    private String seen(String resource) {
        if (resource.equals(MAP)) {
            return with(MetaStore.class, s -> s.get("configmap", "default", "settings"))
                    .flatMap(o -> o).map(o -> o.json().getAsJsonObject("data").get("k").getAsString()).orElse("");
        }
        return with(DeviceTwins.class, t -> t.device(new DeviceTwins.DeviceId("default", "pump"))).flatMap(d -> d)
                .map(d -> d.twins().get("mode")).map(DeviceTwins.Twin::desired).map(DeviceTwins.Value::text).orElse("");
    }

    private CloudLink.State state() {
        return with(CloudLink.class, l -> l.status().state()).orElse(CloudLink.State.DISCONNECTED);
    }

    private void connected() throws Exception {
        Framework.await(SOON, () -> state() == CloudLink.State.CONNECTED,
                () -> with(CloudLink.class, l -> l.status().toString()));
        assertEquals(List.of(), framework.troubledComponents());
    }

    private <S, R> Optional<R> with(Class<S> service, Function<S, R> question) {
        var reference = context.getServiceReference(service);
        S found = reference == null ? null : context.getService(reference);
        if (found == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(question.apply(found));
        } finally {
            context.ungetService(reference);
        }
    }

    private static boolean within(Duration time, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(20);
        }
        return true;
    }
}
