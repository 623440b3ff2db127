package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.WorkloadException;
import io.kelp.oci.ImageStore.Jar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a plain jar is run with. The command of the pod or entry point of the image may be as for a container
 * image, {@code java -jar /app.jar}: options of the Java machine have no meaning here and are passed over. It
 * may also be the name of a class. Without one, the first jar with a {@code Main-Class} runs.
 *
 * @param jars class path
 * @param mainClass empty for that of the first manifest that names one
 */
record LaunchCommand(List<Path> jars, String mainClass, List<String> args) {

    private static final Set<String> WITH_VALUE = Set.of("-cp", "-classpath", "--class-path", "-p", "--module-path",
            "--add-opens", "--add-exports", "--add-modules", "--add-reads", "--enable-native-access");

    /**
     * @param words command and arguments
     * @param command whether the first words are a command, not arguments
     * @throws WorkloadException {@code RunContainerError} when that names what the image does not hold
     */
    static LaunchCommand of(List<Jar> jars, List<String> words, boolean command) throws WorkloadException {
        if (jars.isEmpty()) {
            throw new WorkloadException("RunContainerError", "the image holds no jar");
        }
        List<Path> files = new ArrayList<>(jars.stream().map(Jar::file).toList());
        if (!command || words.isEmpty()) {
            return new LaunchCommand(files, "", words);
        }
        if (!base(words.get(0)).equals("java")) {
            return new LaunchCommand(files, words.get(0), words.subList(1, words.size()));
        }
        int at = 1;
        while (at < words.size() && words.get(at).startsWith("-")) {
            String option = words.get(at);
            if (option.equals("-jar")) {
                String named = at + 1 < words.size() ? base(words.get(at + 1)) : "";
                Jar jar = jars.stream().filter(j -> base(j.name()).equals(named)).findFirst().orElseThrow(() -> new WorkloadException(
                        "RunContainerError", "the command says -jar " + named + "; the image holds " + jars.stream().map(Jar::name).toList()));
                files.remove(jar.file());
                files.add(0, jar.file());
                return new LaunchCommand(files, "", words.subList(Math.min(at + 2, words.size()), words.size()));
            }
            at += WITH_VALUE.contains(option) ? 2 : 1;
        }
        if (at >= words.size()) {
            throw new WorkloadException("RunContainerError", "the command names neither a jar nor a main class: " + String.join(" ", words));
        }
        return new LaunchCommand(files, words.get(at), words.subList(at + 1, words.size()));
    }

    private static String base(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
