package io.kelp.oci.internal;

import java.util.List;

/**
 * What a layer says of one name in {@code /bundles}.
 *
 * @param name file name, or the name that a whiteout hides; empty for {@link Kind#HIDE_ALL}
 * @param target digest of a jar, name that a link leads to; else empty
 */
record LayerEntry(Kind kind, String name, String target) {

    enum Kind {
        /** A jar, by its digest. */
        JAR,
        /** A second name of a file of this layer or one below. */
        HARDLINK,
        /** Leads to another name, whatever that is in the end. */
        SYMLINK,
        /** Hides what the layers below have under this name. */
        HIDE,
        /** Hides all that the layers below have. */
        HIDE_ALL
    }

    /** Digests of the jars of a layer. */
    static List<String> jars(List<LayerEntry> layer) {
        return layer.stream().filter(each -> each.kind == Kind.JAR).map(LayerEntry::target).toList();
    }
}
