package io.kelp.launcher.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is installed together, read from {@code NAME.feature.json} (OSGi Feature Service 1.0,
 * chapter 159). Of the format these parts have a meaning here:
 *
 * <ul>
 *   <li>{@code bundles[].id}, and {@code bundles[].bundleStartLevel} as chapter 160 defines it;
 *   <li>extension {@code framework-launching-properties} (chapter 160), type json;
 *   <li>extension {@code kelp-feature}, type json: {@code {"start":"always"}} (the default) or
 *       {@code {"start":"on-demand"}}.
 * </ul>
 *
 * @param name file name without {@code .feature.json}
 * @param frameworkProperties for the launch; only features that always start may have some
 */
record Feature(String name, List<FeatureBundle> bundles, Map<String, String> frameworkProperties, boolean onDemand) {

    static final String SUFFIX = ".feature.json";
    private static final int DEFAULT_START_LEVEL = 5;
    private static final int MAX_START_LEVEL = 20;

    /** @param startLevel 1 to 20; bundles of a lower level start first */
    record FeatureBundle(ArtifactId id, int startLevel) {}

    /** Reads all features of a folder, by name. */
    static SortedMap<String, Feature> readAll(Path folder) throws IOException {
        SortedMap<String, Feature> features = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                Feature feature = read(file);
                features.put(feature.name, feature);
            }
        }
        if (features.isEmpty()) {
            throw new IOException("no *" + SUFFIX + " in " + folder + "; unpack the archive again");
        }
        return features;
    }

    static Feature read(Path file) throws IOException {
        String fileName = file.getFileName().toString();
        String name = fileName.substring(0, fileName.length() - SUFFIX.length());
        Object root = Json.read(Files.readString(file), file.toString());
        try {
            return from(name, asObject(root));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static Feature from(String name, Map<String, Object> root) {
        List<FeatureBundle> bundles = new ArrayList<>();
        for (Object item : asList(root.getOrDefault("bundles", List.of()))) {
            // The format allows a bare id as short form of {"id": …}.
            Map<String, Object> bundle = item instanceof String id ? Map.of("id", id) : asObject(item);
            if (!(bundle.get("id") instanceof String id)) {
                throw new IllegalArgumentException("a bundle without \"id\"");
            }
            bundles.add(new FeatureBundle(ArtifactId.parse(id), startLevel(bundle, id)));
        }
        Map<String, Object> extensions = asObject(root.getOrDefault("extensions", Map.of()));
        SortedMap<String, String> properties = new TreeMap<>();
        extension(extensions, "framework-launching-properties").forEach((key, value) -> properties.put(key, String.valueOf(value)));
        Object start = extension(extensions, "kelp-feature").getOrDefault("start", "always");
        if (!"always".equals(start) && !"on-demand".equals(start)) {
            throw new IllegalArgumentException("kelp-feature.start is \"" + start + "\", allowed are \"always\" and \"on-demand\"");
        }
        boolean onDemand = "on-demand".equals(start);
        if (onDemand && !properties.isEmpty()) {
            throw new IllegalArgumentException("a feature that starts on demand comes too late for framework-launching-properties");
        }
        return new Feature(name, List.copyOf(bundles), properties, onDemand);
    }

    private static int startLevel(Map<String, Object> bundle, String id) {
        Object level = bundle.getOrDefault("bundleStartLevel", (double) DEFAULT_START_LEVEL);
        if (level instanceof Double number && number >= 1 && number <= MAX_START_LEVEL && number == Math.rint(number)) {
            return number.intValue();
        }
        throw new IllegalArgumentException("bundleStartLevel of " + id + " is " + level + ", allowed are 1 to " + MAX_START_LEVEL);
    }

    private static Map<String, Object> extension(Map<String, Object> extensions, String name) {
        return asObject(asObject(extensions.getOrDefault(name, Map.of())).getOrDefault("json", Map.of()));
    }

    @SuppressWarnings("unchecked") // Json makes no other maps
    private static Map<String, Object> asObject(Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new IllegalArgumentException("expected an object in place of " + value);
    }

    private static List<?> asList(Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("expected an array in place of " + value);
    }
}
