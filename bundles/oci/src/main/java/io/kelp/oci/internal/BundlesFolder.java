package io.kelp.oci.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code /bundles} of an image: its layers, one upon the other (OCI image specification, applying changesets). */
final class BundlesFolder {

    private static final int MAX_LINKS = 16;

    private final Map<String, LayerEntry> files = new HashMap<>();

    void add(List<LayerEntry> layer) throws MalformedImageException {
        // What a layer hides is what lies below, wherever in the layer it says so.
        for (LayerEntry entry : layer) {
            switch (entry.kind()) {
                case HIDE_ALL -> files.clear();
                case HIDE -> files.remove(entry.name());
                default -> { }
            }
        }
        for (LayerEntry entry : layer) {
            switch (entry.kind()) {
                case JAR, SYMLINK -> files.put(entry.name(), entry);
                case HARDLINK -> {
                    LayerEntry target = files.get(entry.target());
                    if (target == null) {
                        throw missing(entry);
                    }
                    files.put(entry.name(), new LayerEntry(target.kind(), entry.name(), target.target()));
                }
                default -> { }
            }
        }
    }

    /** Names of jars and their digests. */
    SortedMap<String, String> jars() throws MalformedImageException {
        SortedMap<String, String> jars = new TreeMap<>();
        for (LayerEntry entry : files.values()) {
            LayerEntry at = entry;
            for (int links = 0; at.kind() == LayerEntry.Kind.SYMLINK; links++) {
                LayerEntry next = files.get(at.target());
                if (next == null || links == MAX_LINKS) {
                    throw missing(entry);
                }
                at = next;
            }
            jars.put(entry.name(), at.target());
        }
        return jars;
    }

    private static MalformedImageException missing(LayerEntry link) {
        return new MalformedImageException("bundles/" + link.name() + " is a link to " + link.target() + ", which is not there or leads back");
    }
}
