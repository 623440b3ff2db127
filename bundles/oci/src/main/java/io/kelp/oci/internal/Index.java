package io.kelp.oci.internal;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;

/**
 * What a store has, as its {@code index.json} says. Immutable.
 *
 * @param uses counts up with each image that falls out of use
 * @param keep ids of images in use
 * @param jars by digest
 * @param layers what layers of the images have in {@code /bundles}, by digest: they are not needed again
 */
record Index(int version, long uses, List<String> keep, Map<String, JarFile> jars, Map<String, List<LayerEntry>> layers, List<Image> images) {

    static final Index EMPTY = new Index(1, 0, List.of(), Map.of(), Map.of(), List.of());

    /** @param modifiedMillis time of the file's last change as the file system has it; another one means: look at the content */
    record JarFile(long size, long modifiedMillis) {

        static JarFile of(Path file) throws IOException {
            return new JarFile(Files.size(file), Files.getLastModifiedTime(file).toMillis());
        }
    }

    /**
     * @param jars names and digests
     * @param layers digests, those that are archives
     * @param lastUse value of {@code uses} when it fell out of use
     * @param unusedSinceMillis Unix time, 0 while in use
     */
    record Image(String id, List<String> references, String repoDigest, SortedMap<String, String> jars, List<String> layers,
            List<String> entrypoint, List<String> cmd, Map<String, String> env, Map<String, String> labels, long lastUse, long unusedSinceMillis) {

        Image named(List<String> names, String digest) {
            return new Image(id, names, digest, jars, layers, entrypoint, cmd, env, labels, lastUse, unusedSinceMillis);
        }

        Image used(long use, long sinceMillis) {
            return new Image(id, references, repoDigest, jars, layers, entrypoint, cmd, env, labels, use, sinceMillis);
        }

        /** For people. */
        String name() {
            return references.isEmpty() ? id : references.get(0);
        }

        private boolean whole() {
            return id != null && Sha256.isDigest(id) && repoDigest != null && references != null && layers != null && entrypoint != null && cmd != null
                    && env != null && labels != null && jars != null && !jars.isEmpty() && jars.values().stream().allMatch(d -> d != null && Sha256.isDigest(d));
        }
    }

    /** Without an image, and without what only it had. */
    Index without(String id) {
        List<Image> others = images.stream().filter(each -> !each.id().equals(id)).toList();
        Set<String> used = new HashSet<>();
        others.forEach(each -> used.addAll(each.layers()));
        Map<String, List<LayerEntry>> contents = new HashMap<>(layers);
        contents.keySet().retainAll(used);
        Set<String> needed = new HashSet<>();
        others.forEach(each -> needed.addAll(each.jars().values()));
        contents.values().forEach(layer -> needed.addAll(LayerEntry.jars(layer)));
        Map<String, JarFile> files = new HashMap<>(jars);
        files.keySet().retainAll(needed);
        return new Index(1, uses, keep, files, contents, others);
    }

    String toJson() {
        return new Gson().toJson(this);
    }

    /** @throws JsonParseException when it is no index */
    static Index parse(String text) {
        Index index = new Gson().fromJson(text, Index.class);
        if (index == null || index.version != 1 || index.keep == null || index.jars == null || index.layers == null || index.images == null
                || index.jars.values().stream().anyMatch(Objects::isNull) || index.layers.values().stream().anyMatch(Objects::isNull)
                || !index.images.stream().allMatch(image -> image != null && image.whole())) {
            throw new JsonParseException("not version 1, or parts are missing");
        }
        return index;
    }
}
