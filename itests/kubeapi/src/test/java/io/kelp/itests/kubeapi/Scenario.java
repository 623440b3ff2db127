package io.kelp.itests.kubeapi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Shell commands that are put to both servers one after the other, with the objects that are compared after each.
 *
 * <p>The file: lines {@code #objects PATH} (a collection; {@code $NS} is the scenario's namespace), then steps:
 * {@code ### name}, and below it what {@code sh} runs.
 *
 * @param objects paths of collections
 */
record Scenario(String name, List<String> objects, List<Step> steps) {

    /** @param script for {@code sh} */
    record Step(String name, String script) {}

    static Scenario read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> objects = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        String step = null;
        StringBuilder script = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith("### ")) {
                if (step != null) {
                    steps.add(new Step(step, script.toString()));
                }
                step = line.substring(4).strip();
                script.setLength(0);
            } else if (line.startsWith("#objects ")) {
                objects.add(line.substring("#objects ".length()).strip());
            } else if (step != null) {
                script.append(line).append('\n');
            }
        }
        if (step != null) {
            steps.add(new Step(step, script.toString()));
        }
        return new Scenario(file.getFileName().toString().replaceFirst("\\.\\w+$", ""), objects, steps);
    }
}
