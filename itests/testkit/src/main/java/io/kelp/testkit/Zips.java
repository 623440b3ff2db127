package io.kelp.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The build's results, unpacked as a user does. */
public final class Zips {

    private Zips() {}

    /** Top of the checkout, from the system property {@code kelp.top} that the build sets. */
    public static Path top() {
        return Path.of(System.getProperty("kelp.top", System.getProperty("user.dir")));
    }

    /** Unpacks {@code <module>/target/<name>-*.zip} into a folder and gives the one folder that it holds. */
    public static Path unpack(String module, String name, Path into) {
        Path target = top().resolve(module).resolve("target");
        try (Stream<Path> files = Files.list(target)) {
            Path zip = files.filter(f -> f.getFileName().toString().matches(name + "-[0-9][^/]*\\.zip")).findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + "-<version>.zip in " + target + "; build first"));
            Files.createDirectories(into);
            Shell.run(Duration.ofSeconds(60), into, Map.of(), List.of("unzip", "-q", "-o", zip.toString())).orFail();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Stream<Path> files = Files.list(into)) {
            return files.filter(f -> f.getFileName().toString().startsWith(name)).findFirst()
                    .orElseThrow(() -> new AssertionError(into + " holds no folder " + name + "-…"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
