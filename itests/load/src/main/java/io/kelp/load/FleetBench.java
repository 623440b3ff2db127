package io.kelp.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Many simulated gateways on one cloud service. */
final class FleetBench {

    private static final String STATUSES = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicestatuses";

    private FleetBench() {}

    /** Gateways with a device each, 10 reports a second for 60 s: how old is the value at the API? */
    static void age(Path work, FleetOptions options) throws Exception {
        try (ControlPlane plane = ControlPlane.start(work.resolve("control-plane"));
                CloudProcess cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start()) {
            Fleet fleet = new Fleet(cloud, options);
            Api api = new Api(plane.kubeconfig());
            for (SimulatedGateway gateway : fleet.gateways) {
                api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                        {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s","namespace":"default"},
                        "spec":{"nodeName":"%s","deviceModelRef":{"name":"none"},"protocol":{"protocolName":"simulated"},
                        "properties":[{"name":"value","reportToCloud":true}]}}""".formatted(gateway.node(), gateway.node()));
            }
            AtomicLong lastRound = new AtomicLong(System.nanoTime());
            AtomicLong longestPause = new AtomicLong();
            ScheduledFuture<?> reports = fleet.clock.scheduleAtFixedRate(() -> {
                long now = System.nanoTime();
                longestPause.accumulateAndGet(now - lastRound.getAndSet(now), Math::max);
                fleet.gateways.forEach(g -> g.report(g.node(), "value", String.valueOf(System.currentTimeMillis())));
            }, 0, 100, TimeUnit.MILLISECONDS);
            Await.until("every device has a value", Duration.ofSeconds(30), () -> ages(api).size() == fleet.gateways.size());
            List<Long> oldest = new ArrayList<>();
            long slowestLook = 0;
            longestPause.set(0);
            long cpu = Machine.cpuMillis(cloud.pid());
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (System.nanoTime() < end) {
                long before = System.nanoTime();
                List<Long> ages = ages(api);
                slowestLook = Math.max(slowestLook, System.nanoTime() - before);
                if (ages.size() < fleet.gateways.size()) {
                    throw new IllegalStateException("only " + ages.size() + " devices have a value");
                }
                oldest.add(ages.stream().mapToLong(Long::longValue).max().orElseThrow());
                TimeUnit.MILLISECONDS.sleep(500);
            }
            reports.cancel(false);
            long[] samples = oldest.stream().mapToLong(Long::longValue).toArray();
            System.out.printf("| %s x 10 reports/s, 60 s | |%n|---|---|%n", options);
            System.out.printf("| oldest value at the API, median of %d looks | %.1f s |%n", samples.length, Machine.percentile(samples, 0.5) / 1000);
            System.out.printf("| oldest value at the API, worst look | %.1f s (bar 2 s) |%n", Machine.percentile(samples, 1) / 1000);
            System.out.printf("| of this by the load itself at most: pause between reports, answer to a look | %.1f s, %.1f s |%n",
                    longestPause.get() / 1e9, slowestLook / 1e9);
            System.out.printf("| cloud processor use | %.0f %% of one |%n", (Machine.cpuMillis(cloud.pid()) - cpu) / 600.0);
            System.out.printf("| cloud resident memory | %.0f MiB |%n", Machine.residentMib(cloud.pid()));
            fleet.close();
        }
    }

    private static List<Long> ages(Api api) throws Exception {
        List<Long> ages = new ArrayList<>();
        JsonObject list = api.get(STATUSES);
        long now = System.currentTimeMillis();
        for (JsonElement item : list.getAsJsonArray("items")) {
            if (item.getAsJsonObject().get("status") instanceof JsonObject status && status.has("twins")) {
                for (JsonElement twin : status.getAsJsonArray("twins")) {
                    if (twin.getAsJsonObject().get("reported") instanceof JsonObject reported && reported.has("value")
                            && !reported.get("value").getAsString().isEmpty()) {
                        ages.add(now - reported.get("value").getAsLong());
                    }
                }
            }
        }
        return ages;
    }

    /** Gateways at rest after their registration. */
    static void memory(Path work, FleetOptions options) throws Exception {
        try (ControlPlane plane = ControlPlane.start(work.resolve("control-plane"));
                CloudProcess cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start()) {
            double before = Machine.residentMib(cloud.pid());
            Fleet fleet = new Fleet(cloud, options);
            TimeUnit.SECONDS.sleep(60); // several keep-alives and leases of each
            long cpu = Machine.cpuMillis(cloud.pid());
            TimeUnit.SECONDS.sleep(30);
            System.out.printf("| %s connected, leases renewed | |%n|---|---|%n", options);
            System.out.printf("| cloud resident memory without gateways | %.0f MiB |%n", before);
            System.out.printf("| cloud resident memory | %.0f MiB (bar 250) |%n", Machine.residentMib(cloud.pid()));
            System.out.printf("| cloud processor use | %.1f %% of one |%n", (Machine.cpuMillis(cloud.pid()) - cpu) / 300.0);
            System.out.printf("| messages received by the gateways | %d |%n", fleet.gateways.stream().mapToLong(SimulatedGateway::received).sum());
            fleet.close();
        }
    }

    /** Gateways that have joined and live. */
    private static final class Fleet implements AutoCloseable {

        final List<SimulatedGateway> gateways = new ArrayList<>();
        final ScheduledExecutorService clock = Executors.newScheduledThreadPool(4);
        final ExecutorService executor = Executors.newFixedThreadPool(16);

        Fleet(CloudProcess cloud, FleetOptions options) throws Exception {
            String token = cloud.token();
            for (int i = 0; i < options.gateways(); i++) {
                SimulatedGateway gateway = new SimulatedGateway("sim-" + i, executor, options.kelp()).connect(token, cloud.joinPort(), cloud.hubPort());
                gateway.live(clock);
                gateways.add(gateway);
            }
        }

        @Override
        public void close() {
            clock.shutdownNow();
            gateways.forEach(SimulatedGateway::close);
            executor.shutdownNow();
        }
    }
}
