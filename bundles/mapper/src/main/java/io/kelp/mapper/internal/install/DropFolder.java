package io.kelp.mapper.internal.install;

import io.kelp.mapper.MapperRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder into which an operator drops jars. Its content is what he wants: a jar that comes is
 * installed, one that changes is an update, one that goes is a removal. A file counts when two
 * looks in a row find it the same, so that one still being copied is left alone. Used by one
 * thread at a time.
 */
final class DropFolder {

    private static final Logger LOG = LoggerFactory.getLogger(DropFolder.class);

    /** Looks after which an incomplete file is no longer taken for one that is being copied. */
    private static final int LOOKS_TO_COMPLETE = 5;
    /** Looks after which a refused file is tried again, for what it needs may have come. */
    private static final int LOOKS_TO_RETRY = 30;
    /** Looks in a row in which a file must be missing to count as gone. */
    private static final int LOOKS_TO_GO = 2;

    private final Path folder;
    private final ContentStore content;
    private final Mappers mappers;
    private final Map<String, Seen> seen = new HashMap<>();
    private final Map<String, Integer> missing = new HashMap<>();

    /** What a look saw of a file. */
    private static final class Seen {
        long size;
        long modified;
        Object key; // inode, where there is one
        int looks; // in a row without a change
        boolean done;
        int refusedAtLook;
    }

    DropFolder(Path folder, ContentStore content, Mappers mappers) {
        this.folder = folder;
        this.content = content;
        this.mappers = mappers;
    }

    /** Looks once. A folder that is not there says nothing: it may be a medium that is not mounted. */
    void look() {
        Map<String, BasicFileAttributes> files = new TreeMap<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "[!.]*.jar")) {
            for (Path jar : jars) {
                Optional<BasicFileAttributes> attributes = attributes(jar);
                attributes.filter(BasicFileAttributes::isRegularFile).ifPresent(a -> files.put(jar.getFileName().toString(), a));
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("Drop folder {} cannot be read: {}", folder, e.toString());
            return;
        }
        removeWhatIsGone(files.keySet());
        seen.keySet().retainAll(files.keySet());
        files.forEach(this::consider);
    }

    private static Optional<BasicFileAttributes> attributes(Path jar) throws IOException {
        try {
            return Optional.of(Files.readAttributes(jar, BasicFileAttributes.class));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // gone since the listing
        }
    }

    private void removeWhatIsGone(Set<String> present) {
        mappers.problems().keySet().removeIf(key -> key.startsWith("drop ") && !present.contains(key.substring("drop ".length())));
        Set<String> gone = new HashSet<>();
        for (Installed mapper : mappers.installed().values()) {
            if (!mapper.file().isEmpty() && !present.contains(mapper.file())) {
                gone.add(mapper.name());
                if (missing.merge(mapper.name(), 1, Integer::sum) >= LOOKS_TO_GO) {
                    try {
                        mappers.remove(mapper);
                        // Another file of the same mapper, ignored until now, has its turn.
                        seen.values().forEach(s -> s.done = false);
                    } catch (IOException e) {
                        LOG.warn("Mapper {} could not be removed with its jar: {}", mapper.name(), e.getMessage());
                    }
                }
            }
        }
        missing.keySet().retainAll(gone);
    }

    private void consider(String name, BasicFileAttributes attributes) {
        Seen file = seen.computeIfAbsent(name, n -> new Seen());
        boolean same = file.size == attributes.size() && file.modified == attributes.lastModifiedTime().toMillis()
                && java.util.Objects.equals(file.key, attributes.fileKey());
        if (!same) {
            file.size = attributes.size();
            file.modified = attributes.lastModifiedTime().toMillis();
            file.key = attributes.fileKey();
            file.looks = 0;
            file.done = false;
            file.refusedAtLook = 0;
            return;
        }
        file.looks++;
        if (file.done || file.refusedAtLook > 0 && file.looks < file.refusedAtLook + LOOKS_TO_RETRY) {
            return;
        }
        try {
            take(name, file);
        } catch (MapperJar.IncompleteException e) {
            if (file.looks >= LOOKS_TO_COMPLETE) {
                refused(name, file, e.getMessage());
            }
        } catch (MapperRefusedException | IOException e) {
            refused(name, file, e.getMessage());
        }
    }

    private void take(String name, Seen file) throws IOException, MapperRefusedException {
        Path path = folder.resolve(name);
        try (InputStream in = Files.newInputStream(path); ContentStore.Received received = content.receive(in)) {
            if (attributes(path).filter(a -> a.size() == file.size && a.lastModifiedTime().toMillis() == file.modified).isEmpty()) {
                return; // changed while it was read; the next look sees that, too
            }
            MapperJar jar = MapperJar.inspect(received.file());
            Installed there = mappers.installed().get(jar.name());
            if (there != null && there.sha256().equals(received.sha256())) {
                if (there.file().isEmpty()) {
                    mappers.put(received, Mappers.Change.EITHER, name);
                }
            } else if (there != null && !there.file().isEmpty() && !there.file().equals(name)
                    && Files.exists(folder.resolve(there.file())) && jar.version().compareTo(new Version(there.version())) <= 0) {
                throw new MapperRefusedException("it is mapper " + jar.name() + " " + jar.version() + ", but " + there.file()
                        + " beside it is the same mapper in version " + there.version() + "; delete one of them");
            } else {
                mappers.put(received, Mappers.Change.EITHER, name);
            }
            file.done = true;
            mappers.problems().remove("drop " + name);
        }
    }

    private void refused(String name, Seen file, String why) {
        file.refusedAtLook = file.looks;
        if (mappers.problem("drop " + name, "MAPPER-REFUSED", "Jar " + name + " in the drop folder is not installed: " + why,
                folder.resolve(name).toString(), "Replace the jar by a good one, or delete it.")) {
            LOG.warn("Jar {} in the drop folder is not installed: {}", name, why);
        }
    }

    /**
     * The operator updates a mapper of this folder otherwise: its jar here becomes the new one
     * first, so that a death in between does not bring the old one back.
     */
    void replace(Installed mapper, Path jar) throws MapperRefusedException {
        Path target = folder.resolve(mapper.file());
        Path part = folder.resolve("." + mapper.file() + ".part");
        try {
            try {
                Files.copy(jar, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                ContentStore.syncFolder(folder);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new MapperRefusedException("mapper " + mapper.name() + " comes from " + target
                    + ", which cannot be replaced: " + e.getMessage() + "; put the new jar there yourself", e);
        }
    }

    /** The operator has removed a mapper otherwise: its jar goes, too, or it would come back. */
    void delete(Installed mapper) throws MapperRefusedException {
        try {
            if (!mapper.file().isEmpty() && Files.deleteIfExists(folder.resolve(mapper.file()))) {
                ContentStore.syncFolder(folder);
            }
        } catch (IOException e) {
            throw new MapperRefusedException("mapper " + mapper.name() + " comes from " + folder.resolve(mapper.file())
                    + ", which cannot be deleted: " + e.getMessage(), e);
        }
    }
}
