package io.kelp.edged.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The machine as Linux describes it. What cannot be read is empty or 0. Safe for use by several threads. */
public class Machine {

    private static final Map<String, String> GO_NAMES = Map.of("amd64", "amd64", "x86_64", "amd64", "aarch64", "arm64",
            "arm64", "arm64", "arm", "arm", "riscv64", "riscv64", "x86", "386", "i386", "386");

    private final Path root;
    private final Path data;

    /** @param root where {@code proc}, {@code etc} and {@code sys} are, normally {@code /} */
    public Machine(Path root, Path data) {
        this.root = root;
        this.data = data;
    }

    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    long memoryTotalKib() {
        return memory("MemTotal:");
    }

    long memoryAvailableKib() {
        return memory("MemAvailable:");
    }

    private long memory(String name) {
        for (String line : read("proc/meminfo").split("\n")) {
            if (line.startsWith(name)) {
                String digits = line.replaceAll("\\D", "");
                return digits.isEmpty() ? 0 : Long.parseLong(digits);
            }
        }
        return 0;
    }

    public long diskTotalBytes() {
        try {
            return store().getTotalSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    long diskUsableBytes() {
        try {
            return store().getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    private FileStore store() throws IOException {
        return Files.getFileStore(data);
    }

    /** Threads that exist, the last but one number of loadavg. */
    long threads() {
        String[] fields = read("proc/loadavg").strip().split(" ");
        return fields.length < 4 ? 0 : number(fields[3].substring(fields[3].indexOf('/') + 1));
    }

    long maxThreads() {
        return number(read("proc/sys/kernel/pid_max"));
    }

    private static long number(String text) {
        String digits = text.strip();
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    String machineId() {
        return read("etc/machine-id").strip();
    }

    String systemUuid() {
        String uuid = read("sys/class/dmi/id/product_uuid").strip();
        return uuid.isEmpty() ? machineId() : uuid.toLowerCase(Locale.ROOT);
    }

    public String bootId() {
        return read("proc/sys/kernel/random/boot_id").strip();
    }

    String kernel() {
        return read("proc/sys/kernel/osrelease").strip();
    }

    String system() {
        for (String line : read("etc/os-release").split("\n")) {
            if (line.startsWith("PRETTY_NAME=")) {
                return line.substring("PRETTY_NAME=".length()).replace("\"", "").strip();
            }
        }
        return "Linux";
    }

    /** As Go, and so Kubernetes, names it. */
    String architecture() {
        String java = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return GO_NAMES.getOrDefault(java, java);
    }

    /** Files of {@code /proc/sys} give all they have to the first read and nothing to the second, so that must be a large one. */
    private String read(String file) {
        try (InputStream in = Files.newInputStream(root.resolve(file))) {
            byte[] buffer = new byte[16_384];
            int length = in.read(buffer);
            return length < 0 ? "" : new String(buffer, 0, length, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // not every Linux has every file
        }
    }
}
