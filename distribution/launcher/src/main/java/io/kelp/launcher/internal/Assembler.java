package io.kelp.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Lays out the content of the gateway's zip; run by the build of {@code distribution}. Reads the
 * same feature files with the same code as the launcher, so that what they do not name is not in
 * the zip, and what they name and nobody built fails the build.
 *
 * <p>Arguments: folder of the features; list of the build's artifacts as written by
 * {@code maven-dependency-plugin:list} with absolute file names; folder to fill; version of the distribution.
 */
public final class Assembler {

    private static final String FRAGMENT = "slf4j-jdk14-fragment";

    private final Map<ArtifactId, Path> artifacts;
    private final Path out;

    private Assembler(Map<ArtifactId, Path> artifacts, Path out) {
        this.artifacts = artifacts;
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 4) {
            throw new IllegalArgumentException("usage: FEATURES ARTIFACT-LIST TARGET VERSION");
        }
        new Assembler(artifacts(Path.of(args[1])), Path.of(args[2])).run(Path.of(args[0]), args[3]);
    }

    private void run(Path featureFolder, String version) throws IOException {
        for (String folder : new String[] {"bundles", "features", "lib"}) {
            empty(out.resolve(folder));
        }
        SortedMap<String, Feature> features = Feature.readAll(featureFolder);
        Map<String, ArtifactId> taken = new HashMap<>();
        for (Feature feature : features.values()) {
            for (Feature.FeatureBundle bundle : feature.bundles()) {
                ArtifactId other = taken.putIfAbsent(bundle.id().fileName(), bundle.id());
                if (other == null) {
                    addBundle(feature, bundle.id());
                } else if (!other.equals(bundle.id())) {
                    throw new IOException(other + " and " + bundle.id() + " have the same file name");
                }
            }
            String name = feature.name() + Feature.SUFFIX;
            Files.copy(featureFolder.resolve(name), out.resolve("features").resolve(name));
        }
        copy(find("launcher"), out.resolve("lib/launcher.jar"));
        copy(find("org.apache.felix.framework"), out.resolve("lib/felix.jar"));
        Files.writeString(out.resolve("lib/VERSION"), version + "\n");
    }

    private void addBundle(Feature feature, ArtifactId id) throws IOException {
        Path target = out.resolve("bundles").resolve(id.fileName());
        if (id.artifact().equals(FRAGMENT)) {
            Repack.loggingFragment(built(feature, new ArtifactId("org.slf4j", "slf4j-jdk14", id.version())), target, id.version());
        } else if (id.artifact().equals("sqlite-jdbc")) {
            Repack.withoutNatives(built(feature, id), target, out.resolve("lib/native"));
        } else {
            copy(built(feature, id), target);
        }
    }

    private Path built(Feature feature, ArtifactId id) throws IOException {
        Path file = artifacts.get(id);
        if (file == null) {
            throw new IOException("feature " + feature.name() + " names " + id
                    + ", which is not among the dependencies of distribution/pom.xml; add it there or correct the version");
        }
        return file;
    }

    private Path find(String artifact) throws IOException {
        return artifacts.entrySet().stream()
                .filter(entry -> entry.getKey().artifact().equals(artifact))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new IOException(artifact + " is not among the dependencies of distribution/pom.xml"));
    }

    /** Lines look like {@code group:artifact:jar:version:scope:/path/to.jar -- module name}. */
    private static Map<ArtifactId, Path> artifacts(Path list) throws IOException {
        Map<ArtifactId, Path> artifacts = new HashMap<>();
        for (String line : Files.readAllLines(list)) {
            String[] parts = line.strip().split("\\s+--\\s+")[0].split(":", 6);
            if (parts.length == 6 && parts[2].equals("jar")) {
                artifacts.put(new ArtifactId(parts[0], parts[1], parts[3]), Path.of(parts[5].strip()));
            }
        }
        return artifacts;
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.isRegularFile(from)) {
            throw new IOException(from + " is no file; build with the phase package or later");
        }
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void empty(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> old = Files.walk(folder)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(folder);
    }
}
