package io.kelp.launcher.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One run of the gateway. Begun by {@code bin/kelp}; what the two agree on lies in {@code kelp.run}:
 *
 * <ul>
 *   <li>{@code pid}: process id and start time ({@code /proc/PID/stat}, field 22), so that a pid
 *       that was given to another process since is not taken for the gateway;
 *   <li>{@code ready}: written when all bundles had their turn; a line per bundle that does not run.
 * </ul>
 *
 * <p>Exit codes: 0 the framework ended by itself, 1 not started, 3 runs already, 143 ended by SIGTERM.
 */
final class Launch {

    private static final Logger LOG = Logger.getLogger("io.kelp.launcher");
    private static final long STOP_MILLIS = 4_500;
    private static final long LOG_BYTES = 1_000_000;
    private static final int LOGS_KEPT = 4;

    private Launch() {}

    /** Returns the exit code when the framework has ended. */
    static int run(long began) throws InterruptedException {
        try {
            Home home = Home.fromSystemProperties();
            log(home);
            Files.createDirectories(home.data());
            try (FileChannel file = lockFile(home);
                    FileLock lock = file.tryLock()) {
                if (lock == null) {
                    System.err.println("kelp: a gateway runs already in " + home.home());
                    return 3;
                }
                return run(home, began);
            }
        } catch (IOException e) {
            LOG.log(Level.SEVERE, "not started: {0}", e.getMessage());
            System.err.println("kelp: " + e.getMessage());
            return 1;
        }
    }

    /** Of the data; where those cannot be written, because the card is worn out, for example, of the run folder. */
    private static FileChannel lockFile(Home home) throws IOException {
        try {
            return lockFile(home.data());
        } catch (FileSystemException e) {
            LOG.log(Level.WARNING, "{0} cannot be written: {1}", new Object[] {home.data(), e.getReason()});
            return lockFile(home.run());
        }
    }

    private static FileChannel lockFile(Path folder) throws IOException {
        return FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static int run(Home home, long began) throws IOException, InterruptedException {
        write(home.run().resolve("pid"), pidAndStart() + "\n");
        Gateway gateway = Gateway.start(home);
        AtomicBoolean ending = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (ending.compareAndSet(false, true)) {
                end(home, gateway);
            }
        }, "kelp-stop"));
        List<String> complaints = gateway.complaints();
        complaints.forEach(LOG::severe);
        LOG.info(() -> "started: " + gateway.bundles() + " bundles, "
                + complaints.size() + " not running, after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        write(home.run().resolve("ready"), String.join("\n", complaints) + (complaints.isEmpty() ? "" : "\n"));
        gateway.awaitEnd();
        if (ending.compareAndSet(false, true)) {
            LOG.warning("the framework was stopped from inside; ending");
            forget(home);
        }
        return 0;
    }

    private static void end(Home home, Gateway gateway) {
        boolean inTime = gateway.stop(STOP_MILLIS);
        LOG.info(inTime ? "stopped" : "stopped, though not every bundle ended within " + STOP_MILLIS + " ms");
        forget(home);
    }

    private static void forget(Home home) {
        try {
            Files.deleteIfExists(home.run().resolve("ready"));
            Files.deleteIfExists(home.run().resolve("pid"));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot tidy up {0}: {1}", new Object[] {home.run(), e.getMessage()});
        }
    }

    private static void log(Home home) {
        Logger root = Logger.getLogger("");
        for (Handler preset : root.getHandlers()) {
            root.removeHandler(preset);
        }
        Handler file = new RotatingLog(home.log().resolve("kelp.log"), LOG_BYTES, LOGS_KEPT);
        file.setLevel(Level.ALL);
        root.addHandler(file);
        root.setLevel(Level.INFO);
        if (Boolean.getBoolean("kelp.foreground")) {
            root.addHandler(new TerminalLog());
        }
    }

    private static String pidAndStart() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        // The command name is in brackets and may hold blanks; field 3 follows the last bracket.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return stat.substring(0, stat.indexOf(' ')) + " " + fields[22 - 3];
    }

    private static void write(Path file, String text) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(made, text);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
