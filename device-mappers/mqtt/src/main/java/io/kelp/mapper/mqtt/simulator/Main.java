package io.kelp.mapper.mqtt.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Simulated devices on the command line. */
public final class Main {

    private final Map<String, Simulated> devices = new LinkedHashMap<>();
    private final Set<String> dead = new TreeSet<>(); // confined to the thread of the steps

    private Main(Options options) {
        options.json().forEach(name -> devices.put(name, new JsonDevice(options, name)));
        options.sparkplug().forEach(text -> {
            String[] parts = text.split("/");
            devices.put(parts[2], new SparkplugNode(options, parts[0], parts[1], parts[2]));
        });
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (Set.of(arguments).contains("--help")) {
            System.out.print(Options.HELP);
            return;
        }
        Options options;
        try {
            options = Options.of(arguments);
            new Main(options).run(options);
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("simulator: " + e.getMessage());
            System.exit(2);
        }
    }

    private void run(Options options) throws IOException, InterruptedException {
        for (Simulated device : devices.values()) {
            device.connect();
        }
        System.out.println("running: " + String.join(", ", devices.keySet()));
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "simulator"));
        CountDownLatch end = new CountDownLatch(1);
        thread.scheduleAtFixedRate(this::step, options.periodMillis(), options.periodMillis(), TimeUnit.MILLISECONDS);
        Thread input = new Thread(() -> input(thread, options.seconds() > 0 ? () -> { } : end::countDown), "simulator-input");
        input.setDaemon(true);
        input.start();
        if (options.seconds() > 0) {
            end.await(options.seconds(), TimeUnit.SECONDS);
        } else {
            end.await();
        }
        thread.shutdown();
        thread.awaitTermination(5, TimeUnit.SECONDS);
        for (Simulated device : devices.values()) {
            if (device.connected()) {
                device.leave();
            }
        }
    }

    private void step() {
        for (Simulated device : devices.values()) {
            try {
                if (dead.contains(device.name())) {
                    continue;
                }
                if (!device.connected()) {
                    device.connect();
                }
                device.step();
            } catch (IOException e) {
                System.err.println("simulator: " + device.name() + ": " + e.getMessage());
            }
        }
    }

    private void input(ScheduledExecutorService thread, Runnable atEnd) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.trim().split("\\s+");
                if (words.length == 2) {
                    thread.execute(() -> fault(words[0], words[1]));
                } else if (!line.isBlank()) {
                    System.err.println("simulator: a line is NAME FAULT; see --help");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            atEnd.run();
        }
    }

    private void fault(String name, String fault) {
        Simulated device = devices.get(name);
        try {
            if (device == null) {
                System.err.println("simulator: there is no " + name);
            } else if (fault.equals("back")) {
                dead.remove(name);
            } else if (!device.fault(fault)) {
                System.err.println("simulator: " + name + " cannot do " + fault);
            } else if (fault.equals("die")) {
                dead.add(name);
            }
        } catch (IOException e) {
            System.err.println("simulator: " + name + ": " + e.getMessage());
        }
    }
}
