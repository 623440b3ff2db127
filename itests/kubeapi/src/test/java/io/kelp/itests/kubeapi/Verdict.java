package io.kelp.itests.kubeapi;

import static org.junit.jupiter.api.Assertions.fail;

import io.kelp.testkit.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** Judges whether two answers are the same. */
final class Verdict {

    private static final int SHOWN = 6000;

    private final Deviations deviations = Deviations.read();
    private final boolean oneServer;

    Verdict(Sides.Pair pair) {
        oneServer = pair.areTheSame();
    }

    /** @param name of the case; a deviation by that name may differ, everything else must not */
    void judge(String name, String real, String ours) {
        if (deviations.contains(name) && !oneServer) {
            if (real.equals(ours)) {
                // Some of them differ by chance, so this is no failure.
                Assumptions.abort(name + " is the same on both this time; if it stays so, take it out of the README's table of deviations");
            }
        } else if (!real.equals(ours)) {
            fail(name + " differs (- real, + ours)\n" + difference(name, real, ours));
        }
    }

    private static String difference(String name, String real, String ours) {
        try {
            Path folder = Files.createDirectories(Sides.work().resolve("differences"));
            String file = name.replaceAll("[^A-Za-z0-9.-]+", "_");
            Path left = Files.writeString(folder.resolve(file + ".real"), real);
            Path right = Files.writeString(folder.resolve(file + ".ours"), ours);
            String diff = Shell.run(Duration.ofSeconds(20), folder, Map.of(), List.of("diff", "-U", "6", left.toString(), right.toString())).out();
            return diff.length() > SHOWN ? diff.substring(0, SHOWN) + "\n… see " + folder : diff;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
