package io.kelp.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What the kernel says about processes, and arithmetic on samples. */
final class Machine {

    private Machine() {}

    static void print() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(l -> l.startsWith("model name"))
                .findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
        System.out.printf("machine: %d processors, %s, Java of the load %s, under test %s%n%n", Runtime.getRuntime().availableProcessors(),
                model, System.getProperty("java.version"), System.getenv().getOrDefault("KELP_JAVA", "the same"));
    }

    /** Resident memory in MiB. */
    static double residentMib(long pid) throws IOException {
        return kib(pid, "VmRSS:") / 1024.0;
    }

    private static long kib(long pid, String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(l -> l.startsWith(key))
                .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", ""))).findFirst().orElseThrow();
    }

    /** Processor time used so far in ms; the clock tick is 10 ms. */
    static long cpuMillis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10;
    }

    /** How long ago the process was started; the clock tick is 10 ms. */
    static double ageSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        double started = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]) / 100.0;
        return Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]) - started;
    }

    /** Bytes that the process has caused to be written to a block device. */
    static long writtenBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/io")).stream().filter(l -> l.startsWith("write_bytes:"))
                .mapToLong(l -> Long.parseLong(l.substring(13).strip())).findFirst().orElseThrow();
    }

    /** Bytes written so far, by anybody, to the block device below the folder; -1 when it has none. */
    static long deviceBytes(Path folder) throws IOException {
        Object device = Files.getAttribute(folder, "unix:dev");
        long number = ((Number) device).longValue();
        Path stat = Path.of("/sys/dev/block/" + (number >> 8 & 0xfff) + ":" + (number & 0xff | number >> 12 & 0xfff00) + "/stat");
        // Documentation/block/stat.rst of Linux: field 7 counts written sectors of 512 bytes
        return Files.isReadable(stat) ? Long.parseLong(Files.readString(stat).strip().split("\\s+")[6]) * 512 : -1;
    }

    /** Median of the rounds, and all of them in their order. */
    static String medianOf(double[] rounds, String format) {
        double[] sorted = rounds.clone();
        Arrays.sort(sorted);
        return String.format(format, sorted[sorted.length / 2]) + " (" + Arrays.stream(rounds)
                .mapToObj(each -> String.format(format, each)).collect(Collectors.joining(", ")) + ")";
    }

    /** The value below which the given part of the samples lies. */
    static double percentile(long[] samples, double part) {
        long[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
    }
}
