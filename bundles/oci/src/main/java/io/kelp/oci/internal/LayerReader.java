package io.kelp.oci.internal;

import io.kelp.oci.internal.LayerEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a layer (OCI image specification, layer) for what it has in {@code /bundles}. Nothing else is
 * ever written, so nothing else can be overwritten; archives that try are refused all the same.
 */
final class LayerReader {

    /** Keeps a jar. */
    interface Jars {

        /**
         * @param content to be read to its end
         * @return its digest
         */
        String keep(String name, long size, InputStream content) throws IOException;
    }

    static final int MAX_ENTRIES = 65_536;

    private static final String FOLDER = "bundles";
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int MAX_NAME = 200;
    private static final int MAX_JARS = 1024;

    private final Jars jars;
    private final List<LayerEntry> entries = new ArrayList<>();

    private LayerReader(Jars jars) {
        this.jars = jars;
    }

    /** @param tar archive without compression */
    static List<LayerEntry> read(InputStream tar, Jars jars) throws IOException {
        LayerReader layer = new LayerReader(jars);
        TarReader archive = new TarReader(tar, MAX_ENTRIES);
        for (TarReader.Entry entry = archive.next(); entry != null; entry = archive.next()) {
            layer.entry(entry, archive);
            if (layer.entries.size() > MAX_JARS) {
                throw new MalformedImageException("a layer has more than " + MAX_JARS + " files in /bundles");
            }
        }
        return List.copyOf(layer.entries);
    }

    private void entry(TarReader.Entry entry, TarReader archive) throws IOException {
        List<String> path = path(entry.name());
        if (entry.type() == TarReader.Type.DEVICE) {
            throw new MalformedImageException("a layer has a device, \"" + shown(entry.name()) + "\"; images of bundles must not have any");
        }
        if (path.isEmpty()) {
            return;
        }
        if (path.size() == 1) {
            top(path.get(0), entry);
        } else if (path.size() == 2 && path.get(0).equals(FOLDER)) {
            inFolder(path.get(1), entry, archive);
        }
    }

    /** Something in the root folder: matters if it hides or replaces the whole of /bundles. */
    private void top(String name, TarReader.Entry entry) throws MalformedImageException {
        if (name.equals(WHITEOUT + FOLDER) || name.equals(OPAQUE)) {
            entries.add(new LayerEntry(Kind.HIDE_ALL, "", ""));
        } else if (name.equals(FOLDER) && entry.type() != TarReader.Type.DIRECTORY && entry.type() != TarReader.Type.OTHER) {
            throw new MalformedImageException("/bundles of the image is no folder" + (entry.link().isEmpty() ? "" : " but a link to " + shown(entry.link()))
                    + "; copy the jars there");
        }
    }

    private void inFolder(String name, TarReader.Entry entry, TarReader archive) throws IOException {
        if (name.equals(OPAQUE)) {
            entries.add(new LayerEntry(Kind.HIDE_ALL, "", ""));
        } else if (name.startsWith(WHITEOUT)) {
            entries.add(new LayerEntry(Kind.HIDE, name.substring(WHITEOUT.length()), ""));
        } else if (isJarName(name)) {
            switch (entry.type()) {
                case FILE -> {
                    if (entry.sparse()) {
                        throw new MalformedImageException("bundles/" + name + " is stored as a sparse file, which is not supported");
                    }
                    entries.add(new LayerEntry(Kind.JAR, name, jars.keep(name, entry.size(), archive.content())));
                }
                case HARDLINK -> entries.add(new LayerEntry(Kind.HARDLINK, name, inFolder(name, entry.link(), path(entry.link()))));
                case SYMLINK -> entries.add(new LayerEntry(Kind.SYMLINK, name, inFolder(name, entry.link(), resolve(entry.link()))));
                case DIRECTORY -> entries.add(new LayerEntry(Kind.HIDE, name, ""));
                default -> throw new MalformedImageException("bundles/" + name + " is neither file nor link");
            }
        }
    }

    /** As the shell's {@code *.jar}: names that begin with a dot are not meant. */
    static boolean isJarName(String name) {
        return name.endsWith(".jar") && !name.startsWith(".") && name.length() <= MAX_NAME
                && name.chars().allMatch(c -> c >= ' ' && c != 0x7f && c != '\\' && c != '/');
    }

    private static String inFolder(String name, String link, List<String> target) throws MalformedImageException {
        if (target.size() != 2 || !target.get(0).equals(FOLDER) || !isJarName(target.get(1))) {
            throw new MalformedImageException("bundles/" + name + " is a link to \"" + shown(link) + "\", which is no jar in /bundles; copy the jar there");
        }
        return target.get(1);
    }

    /** Parts of a path in the archive, which begins at its root. */
    private static List<String> path(String text) throws MalformedImageException {
        List<String> parts = new ArrayList<>();
        for (String part : text.split("/")) {
            if (part.equals("..")) {
                throw new MalformedImageException("a layer has the path \"" + shown(text) + "\", which leads out of it");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** Where a symbolic link in /bundles leads to; above the root is the root. */
    private static List<String> resolve(String link) {
        List<String> parts = new ArrayList<>();
        if (!link.startsWith("/")) {
            parts.add(FOLDER);
        }
        for (String part : link.split("/")) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.remove(parts.size() - 1);
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static String shown(String path) {
        String plain = path.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
    }
}
