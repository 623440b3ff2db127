package io.kelp.mapper.modbus.internal.wire;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortThreadFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The native part of jSerialComm, loaded when the first serial port is opened.
 *
 * <p>Left to itself the library unpacks to, and loads from, a well-known folder that other users of
 * the machine can fill, and its shutdown hook keeps the bundle's class loader for ever. So it is
 * unpacked into a folder of our own, which goes as soon as it is loaded, and the hook is taken back in {@link #release}.
 */
public final class SerialLibrary {

    private static final String PATH_PROPERTY = "jSerialComm.library.path";
    private static final String FILE = "libjSerialComm.so";

    private static final Object LOCK = new Object();
    private static List<Thread> threads; // guarded by LOCK; null: not loaded

    private SerialLibrary() {}

    /** @throws IOException when there is none for this machine, or no folder to load it from */
    static void load() throws IOException {
        synchronized (LOCK) {
            if (threads != null) {
                return;
            }
            Path folder = Files.createTempDirectory("kelp-serial", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            String before = System.getProperty(PATH_PROPERTY);
            List<Thread> made = new ArrayList<>();
            try {
                unpack(folder);
                System.setProperty(PATH_PROPERTY, folder.toString());
                SerialPortThreadFactory.set(task -> {
                    Thread thread = new Thread(task, "kelp-serial");
                    thread.setDaemon(true);
                    made.add(thread);
                    return thread;
                });
                SerialPort.getVersion();
                threads = made;
            } catch (LinkageError e) {
                throw new IOException("serial ports cannot be used on this machine (" + System.getProperty("os.arch")
                        + "): the native library does not load from " + folder.getParent() + ": " + firstLine(e), e);
            } finally {
                if (before == null) {
                    System.clearProperty(PATH_PROPERTY);
                } else {
                    System.setProperty(PATH_PROPERTY, before);
                }
                remove(folder);
            }
        }
    }

    private static String firstLine(LinkageError e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static void unpack(Path folder) throws IOException {
        for (String architecture : architectures()) {
            try (InputStream in = SerialLibrary.class.getResourceAsStream("/Linux/" + architecture + "/" + FILE)) {
                if (in != null) {
                    Path file = folder.resolve("Linux").resolve(architecture).resolve(FILE);
                    Files.createDirectories(file.getParent());
                    Files.copy(in, file);
                }
            }
        }
    }

    private static List<String> architectures() {
        String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (machine.contains("64") && (machine.contains("86") || machine.contains("amd"))) {
            return List.of("x86_64");
        }
        if (machine.contains("86")) {
            return List.of("x86");
        }
        return machine.equals("aarch64") ? List.of("armv8_64") : List.of("armv5", "armv6hf", "armv7hf", "armv8_32");
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Gives the library's shutdown hook back, so that the classes can go. All ports must be closed. */
    public static void release() {
        synchronized (LOCK) {
            if (threads != null) {
                try {
                    threads.forEach(Runtime.getRuntime()::removeShutdownHook);
                    threads.clear();
                } catch (IllegalStateException e) {
                    threads.clear(); // the machine is shutting down: the hook runs, or has run
                }
            }
        }
    }
}
