package io.kelp.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Kubernetes API of a standalone cloud service, or any other by its kubeconfig: rates, watches, pages, memory. */
final class ApiBench {

    private static final String MAPS = "/api/v1/namespaces/bench/configmaps";
    private static final int CLIENTS = 32;
    private static final int WATCHES = 1000;
    private static final int WRITES_PER_SECOND = 100;
    private static final int WRITERS = 8;
    private static final int OBJECTS = 100_000;
    private static final Pattern CONTINUE = Pattern.compile("\"continue\":\"([^\"]+)\"");
    private static final Pattern VERSION = Pattern.compile("\"resourceVersion\":\"([0-9]+)\"");

    private final ApiAccess access;
    private final long pid; // 0: unknown
    private final int seconds;
    private final AtomicInteger names = new AtomicInteger();

    private ApiBench(ApiAccess access, long pid, int seconds) {
        this.access = access;
        this.pid = pid;
        this.seconds = seconds;
    }

    /** @param arguments {@code api [quick] [--only watches,rates,pages] [--kubeconfig F --pid N]} */
    static void run(Path work, String[] arguments) throws Exception {
        List<String> options = List.of(arguments);
        String phases = options.contains("--only") ? options.get(options.indexOf("--only") + 1) : "watches,rates,pages";
        int seconds = options.contains("quick") ? 5 : 15;
        System.out.println("| figure | measured | bar |");
        System.out.println("|---|---|---|");
        if (options.contains("--kubeconfig")) {
            long pid = options.contains("--pid") ? Long.parseLong(options.get(options.indexOf("--pid") + 1)) : 0;
            new ApiBench(ApiAccess.of(Path.of(options.get(options.indexOf("--kubeconfig") + 1))), pid, seconds)
                    .all(phases, options.contains("quick"));
            return;
        }
        try (StandaloneCloud cloud = new StandaloneCloud(work)) {
            cloud.addGateway();
            TimeUnit.SECONDS.sleep(20); // reports and leases of a new gateway
            row("resident memory with one gateway", "%.0f MiB", Machine.residentMib(cloud.pid()), "220 MiB");
            new ApiBench(ApiAccess.of(cloud.kubeconfig()), cloud.pid(), seconds).all(phases, options.contains("quick"));
        }
    }

    private void all(String phases, boolean quick) throws Exception {
        // A connection for each phase: servers end those that rest.
        once(http -> http.expect(201, "POST", "/api/v1/namespaces",
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"bench\"}}"));
        try {
            if (phases.contains("watches")) {
                once(this::watches);
            }
            if (phases.contains("rates")) {
                rates();
            }
            if (phases.contains("pages")) {
                fill(quick ? 20_000 : OBJECTS);
                once(this::pages);
            }
        } finally {
            once(http -> http.expect(200, "DELETE", "/api/v1/namespaces/bench", ""));
        }
    }

    private void watches(HttpConnection http) throws Exception {
        http.expect(201, "POST", MAPS, map("timed", "0"));
        Matcher version = VERSION.matcher(http.expect(200, "GET", MAPS + "?limit=1", ""));
        version.find();
        double before = resident();
        try (WatchFleet fleet = new WatchFleet(access, MAPS + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + version.group(1), WATCHES)) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            String change = "{\"data\":{\"t\":\"%d\"}}";
            // The first event proves that a watch stands; some servers send the head with it.
            http.expect(200, "PATCH", MAPS + "/timed", change.formatted(System.nanoTime()));
            int seen = 0;
            while ((seen += fleet.take().length) < WATCHES && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            if (fleet.answered() < WATCHES) {
                throw new IOException("only " + fleet.answered() + " of " + WATCHES + " watches stand, " + fleet.ended() + " were ended");
            }
            TimeUnit.SECONDS.sleep(5);
            row(WATCHES + " watches of one resource, resident memory over idle", "%.0f MiB", resident() - before, "60 MiB");
            long cpu = pid == 0 ? 0 : Machine.cpuMillis(pid);
            long[] answers = new long[seconds * WRITES_PER_SECOND];
            int writes = answers.length;
            AtomicInteger next = new AtomicInteger();
            fleet.take();
            long start = System.nanoTime();
            // Several writers keep the pace when an answer takes longer than the pause between two writes.
            parallel(client -> {
                int turn = next.getAndIncrement();
                if (turn < writes) {
                    while (System.nanoTime() < start + turn * 1_000_000_000L / WRITES_PER_SECOND) {
                        LockSupport.parkNanos(200_000);
                    }
                    long sent = System.nanoTime();
                    client.expect(200, "PATCH", MAPS + "/timed", change.formatted(sent));
                    answers[turn] = System.nanoTime() - sent;
                }
            }, WRITERS, 300, writes);
            double took = (System.nanoTime() - start) / 1e9;
            TimeUnit.SECONDS.sleep(2);
            long[] nanos = fleet.take();
            row("writes/s meanwhile, " + WRITERS + " clients taking turns", "%.0f", writes / took, "100");
            row("answer of the write, p50", "%.1f ms", Machine.percentile(answers, 0.5) / 1e6, "");
            row("delivery from the request being sent, p50", "%.1f ms", Machine.percentile(nanos, 0.5) / 1e6, "");
            row("delivery, p99", "%.1f ms", Machine.percentile(nanos, 0.99) / 1e6, "50 ms");
            row("events that arrived, of " + (long) writes * WATCHES, "%.0f", nanos.length, "all");
            if (pid != 0) {
                row("processor time of the server for each event", "%.3f ms", (Machine.cpuMillis(pid) - cpu) / (double) nanos.length, "");
                row("resident memory over idle afterwards", "%.0f MiB", resident() - before, "");
            }
            if (fleet.ended() > 0) {
                row("watches that the server has ended", "%.0f", fleet.ended(), "0");
            }
        }
    }

    private void rates() throws Exception {
        Work create = http -> http.expect(201, "POST", MAPS, map("n" + names.getAndIncrement(), "x".repeat(200)));
        parallel(create, CLIENTS, 3, 0);
        rate("durable creates/s", create, "1500");
        int many = names.get();
        Work get = http -> http.expect(200, "GET", MAPS + "/n" + (int) (Math.random() * many), "");
        parallel(get, CLIENTS, 2, 0);
        rate("gets/s", get, "4000");
    }

    /** Processor time tells most on a machine that others use, too. */
    private void rate(String figure, Work work, String bar) throws Exception {
        long cpu = pid == 0 ? 0 : Machine.cpuMillis(pid);
        double rate = parallel(work, CLIENTS, seconds, 0);
        row(figure + ", " + CLIENTS + " clients", "%.0f", rate, bar);
        if (pid != 0) {
            row("processor time of the server for each", "%.2f ms", (Machine.cpuMillis(pid) - cpu) / (rate * seconds), "");
        }
    }

    private void fill(int objects) throws Exception {
        Work create = c -> c.expect(201, "POST", MAPS, map("n" + names.getAndIncrement(), "x".repeat(200)));
        while (names.get() < objects) {
            parallel(create, CLIENTS, 60, objects - names.get());
        }
    }

    private void pages(HttpConnection http) throws Exception {
        double before = resident();
        AtomicLong peak = new AtomicLong();
        Thread sampler = new Thread(() -> {
            try {
                while (!Thread.interrupted()) {
                    peak.accumulateAndGet((long) (resident() * 1024), Math::max);
                    LockSupport.parkNanos(20_000_000);
                }
            } catch (IOException e) {
                System.err.println("memory cannot be sampled: " + e.getMessage());
            }
        }, "sampler");
        sampler.start();
        long listed = 0;
        long start = System.nanoTime();
        int rounds = 3;
        for (int round = 0; round < rounds; round++) {
            String from = "";
            do {
                String page = http.expect(200, "GET", MAPS + "?limit=500" + (from.isEmpty() ? "" : "&continue=" + from), "");
                Matcher next = CONTINUE.matcher(page.substring(0, Math.min(page.length(), 1000)));
                Matcher last = CONTINUE.matcher(page.substring(Math.max(0, page.length() - 1000)));
                from = next.find() ? next.group(1) : last.find() ? last.group(1) : "";
                listed += page.split("\"name\":\"n", -1).length - 1;
            } while (!from.isEmpty());
        }
        double took = (System.nanoTime() - start) / 1e9 / rounds;
        sampler.interrupt();
        sampler.join();
        row(names.get() + " objects in pages of 500", "%.1f s", took, "");
        row("objects seen per round", "%.0f", listed / (double) rounds, "" + names.get());
        if (pid != 0) {
            row("resident memory before paging", "%.0f MiB", before, "");
            row("highest while paging " + rounds + " times", "%.0f MiB", peak.get() / 1024.0, "flat");
        }
    }

    /** Something done on a connection. */
    private interface Work {
        void on(HttpConnection http) throws Exception;
    }

    private void once(Work work) throws Exception {
        try (HttpConnection http = new HttpConnection(access)) {
            work.on(http);
        }
    }

    /** @param most how often altogether, 0 for no end but the time @return times per second */
    private double parallel(Work work, int clients, int seconds, int most) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(clients);
        AtomicInteger left = new AtomicInteger(most == 0 ? Integer.MAX_VALUE : most);
        try {
            List<HttpConnection> connections = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                connections.add(new HttpConnection(access));
            }
            long start = System.nanoTime();
            long end = start + TimeUnit.SECONDS.toNanos(seconds);
            List<Future<Integer>> counts = new ArrayList<>();
            for (HttpConnection each : connections) {
                counts.add(pool.submit(() -> {
                    int done = 0;
                    for (; System.nanoTime() < end && left.getAndDecrement() > 0; done++) {
                        work.on(each);
                    }
                    return done;
                }));
            }
            long sum = 0;
            for (Future<Integer> each : counts) {
                sum += each.get();
            }
            double took = (System.nanoTime() - start) / 1e9;
            for (HttpConnection each : connections) {
                each.close();
            }
            return sum / took;
        } finally {
            pool.shutdownNow();
        }
    }

    private static String map(String name, String value) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"bench\"},\"data\":{\"t\":\"" + value
                + "\"}}";
    }

    private double resident() throws IOException {
        return pid == 0 ? Double.NaN : Machine.residentMib(pid);
    }

    private static void row(String figure, String format, double value, String bar) {
        System.out.printf("| %s | " + format + " | %s |%n", figure, value, bar);
    }
}
