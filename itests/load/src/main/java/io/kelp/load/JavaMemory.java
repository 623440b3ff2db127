package io.kelp.load;

import io.kelp.testkit.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Java machine says of its memory.
 *
 * @param liveBytes of objects that two full collections leave
 * @param metaspaceMib committed for classes
 * @param codeMib used by compiled code
 */
record JavaMemory(long liveBytes, double metaspaceMib, double codeMib, int classes) {

    private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd");

    static JavaMemory of(long pid) {
        ask(pid, "GC.run"); // what the first one unloads the second one frees
        String live = ask(pid, "GC.class_histogram");
        String classes = ask(pid, "VM.metaspace");
        Matcher code = Pattern.compile("\\bused=(\\d+)Kb").matcher(ask(pid, "Compiler.codecache"));
        long used = 0;
        while (code.find()) {
            used += Long.parseLong(code.group(1));
        }
        return new JavaMemory(Long.parseLong(first(live, "Total +\\d+ +(\\d+)")), Double.parseDouble(first(classes, "Both:.*?([0-9.]+) MB[^,]*committed")),
                used / 1024.0, Integer.parseInt(first(classes, "(\\d+) classes")));
    }

    private static String ask(long pid, String what) {
        return Shell.run(Duration.ofSeconds(30), Path.of("/"), Map.of(), List.of(JCMD.toString(), String.valueOf(pid), what)).orFail();
    }

    private static String first(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("jcmd does not say " + pattern + " in\n" + text);
        }
        return found.group(1);
    }
}
