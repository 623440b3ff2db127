package io.kelp.control.internal;

import io.kelp.control.MetricSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Figures of this process from {@code /proc/self}, which costs less memory than the JDK's management beans. */
@Component
public final class ProcessFigures implements MetricSource {

    /** Clock ticks per second in /proc; 100 on every Linux that Java runs on (proc(5), USER_HZ). */
    private static final double TICKS = 100;

    private static final long MEBIBYTE = 1 << 20;
    private static final int START_TIME = 22; // in /proc/self/stat, ticks after the boot; proc(5)

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_uptime_seconds", "Time since the gateway was started.", uptimeSeconds());
        sink.gauge("kelp_jvm_heap_used_bytes", "Heap in use.", Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        sink.gauge("kelp_jvm_heap_max_bytes", "Heap allowed.", Runtime.getRuntime().maxMemory());
        sink.gauge("kelp_process_resident_memory_bytes", "Memory of the process, heap and all.", line("status", "VmRSS:") * 1024);
        sink.gauge("kelp_process_anonymous_memory_bytes", "Memory of the process that no file backs.", line("status", "RssAnon:") * 1024);
        sink.gauge("kelp_process_threads", "Threads.", line("status", "Threads:"));
        sink.counter("kelp_process_written_bytes_total", "Bytes this process caused to be written to storage.", line("io", "write_bytes:"));
        sink.counter("kelp_process_cpu_seconds_total", "Processor time.", cpuSeconds());
    }

    /** Since the process began, whatever the wall clock did meanwhile. NaN where the kernel does not tell. */
    static double uptimeSeconds() {
        String[] process = stat();
        List<String> machine = read(Path.of("/proc/uptime"));
        if (process.length == 0 || machine.isEmpty()) {
            return Double.NaN;
        }
        double sinceBoot = Double.parseDouble(machine.get(0).split(" ")[0]);
        return Math.rint((sinceBoot - Double.parseDouble(process[START_TIME - 3]) / TICKS) * 100) / 100;
    }

    static long residentMebibytes() {
        return (long) line("status", "VmRSS:") * 1024 / MEBIBYTE;
    }

    static long heapUsedMebibytes() {
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / MEBIBYTE;
    }

    static long heapMaxMebibytes() {
        return Runtime.getRuntime().maxMemory() / MEBIBYTE;
    }

    /** The number after {@code key} in a file of /proc/self; NaN where the kernel does not tell. */
    private static double line(String file, String key) {
        for (String line : read(file)) {
            if (line.startsWith(key)) {
                return Double.parseDouble(line.substring(key.length()).strip().split("\\s")[0]);
            }
        }
        return Double.NaN;
    }

    private static double cpuSeconds() {
        String[] fields = stat();
        return fields.length == 0 ? Double.NaN : (Double.parseDouble(fields[14 - 3]) + Double.parseDouble(fields[15 - 3])) / TICKS;
    }

    /** The fields from the third on: the second is a name that may hold anything. */
    private static String[] stat() {
        List<String> lines = read("stat");
        return lines.isEmpty() ? new String[0] : lines.get(0).substring(lines.get(0).lastIndexOf(')') + 2).split(" ");
    }

    private static List<String> read(String file) {
        return read(Path.of("/proc/self", file));
    }

    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // not told here (hidepid, no io accounting): the figure is NaN
        }
    }
}
