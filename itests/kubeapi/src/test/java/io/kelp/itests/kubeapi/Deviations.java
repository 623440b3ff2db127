package io.kelp.itests.kubeapi;

import io.kelp.testkit.Zips;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is meant to differ: the first column of the table in the module's README. */
final class Deviations {

    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| .+ \\|$");

    private final Set<String> names;

    private Deviations(Set<String> names) {
        this.names = names;
    }

    static Deviations read() {
        try (Stream<String> lines = Files.lines(Zips.top().resolve("itests/kubeapi/README.md"))) {
            return new Deviations(lines.map(ROW::matcher).filter(m -> m.matches()).map(m -> m.group(1)).collect(Collectors.toSet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param name of a case, {@code scenario/step} */
    boolean contains(String name) {
        return names.contains(name);
    }

    Set<String> names() {
        return names;
    }
}
