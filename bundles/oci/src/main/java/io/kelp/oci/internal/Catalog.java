package io.kelp.oci.internal;

import com.google.gson.JsonParseException;
import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStore.Jar;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.ImageStoreSettings;
import io.kelp.oci.internal.Index.Image;
import io.kelp.oci.internal.Index.JarFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which images are here. The index is written before an image is offered and before its files are removed, so a power
 * cut leaves at worst files that nobody refers to; they go at the next start. Safe for use by several threads.
 */
public final class Catalog {

    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private final StoreFolder folder;
    private final ImageStoreSettings settings;
    private final InstantSource clock;
    private final Space space;
    /** When an image came, by System.nanoTime; those from before this process are old. */
    private final Map<String, Long> arrivals = new HashMap<>();
    /** Digests of jars that installations under way count on, and how many of them. */
    private final Map<String, Integer> pins = new HashMap<>();
    /** What layers have that installations under way have unpacked; no image has them yet. */
    private final Map<String, List<LayerEntry>> unpacked = new HashMap<>();
    private Index index = Index.EMPTY;
    /** Whether the disk has an older index. */
    private boolean unwritten;

    public Catalog(StoreFolder folder, ImageStoreSettings settings, InstantSource clock) throws IOException {
        this.folder = folder;
        this.settings = settings;
        this.clock = clock;
        this.space = new Space(folder, settings);
        open();
    }

    Space space() {
        return space;
    }

    StoreFolder folder() {
        return folder;
    }

    private synchronized void open() throws IOException {
        Index found = Index.EMPTY;
        if (Files.exists(folder.index())) {
            try {
                found = Index.parse(Files.readString(folder.index()));
            } catch (JsonParseException | java.nio.charset.CharacterCodingException e) {
                LOG.warn("{} cannot be read ({}); images have to be got again", folder.index(), String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
        index = found;
        Index sound = found;
        for (Image image : found.images()) {
            if (!intact(image)) {
                sound = sound.without(image.id());
            }
        }
        change(sound);
        Set<Path> known = new HashSet<>();
        index.jars().keySet().forEach(digest -> known.add(folder.jar(digest)));
        for (Path file : folder.list("jars")) {
            if (!known.contains(file)) {
                Files.delete(file);
            }
        }
        index.jars().forEach((digest, jar) -> space.kept(digest, jar.size()));
        expire();
    }

    public synchronized List<StoredImage> images() {
        return index.images().stream().map(this::describe).toList();
    }

    /** An image as others see it. */
    synchronized StoredImage describe(Image image) {
        long bytes = 0;
        List<Jar> jars = new ArrayList<>();
        for (Map.Entry<String, String> each : image.jars().entrySet()) {
            JarFile jar = index.jars().get(each.getValue());
            bytes += jar == null ? 0 : jar.size(); // removed in between: what is said of it is history
            jars.add(new Jar(each.getKey(), each.getValue(), folder.jar(each.getValue())));
        }
        return new StoredImage(image.id(), image.references(), image.repoDigest(), bytes, List.copyOf(jars), image.entrypoint(), image.cmd(),
                image.env(), image.labels());
    }

    /** The image of a reference, if its files are as they should be. */
    public synchronized Optional<StoredImage> find(ImageReference reference) throws IOException {
        return image(reference).map(this::describe);
    }

    private Optional<Image> image(ImageReference reference) throws IOException {
        String name = reference.name();
        Optional<Image> found = reference.digest().isEmpty()
                ? index.images().stream().filter(image -> image.references().contains(name + ":" + reference.tag())).findFirst()
                : index.images().stream().filter(image -> image.references().contains(name + "@" + reference.digest())
                        || image.id().equals(reference.digest()) && image.references().stream().anyMatch(each -> isNamed(each, name))).findFirst();
        return found.isPresent() ? sound(found.get()) : found;
    }

    /** An image by its id, if its files are as they should be. */
    synchronized Optional<Image> byId(String id) throws IOException {
        Optional<Image> found = index.images().stream().filter(image -> image.id().equals(id)).findFirst();
        return found.isPresent() ? sound(found.get()) : found;
    }

    private static boolean isNamed(String reference, String name) {
        return reference.startsWith(name + ":") || reference.startsWith(name + "@");
    }

    private Optional<Image> sound(Image image) throws IOException {
        if (intact(image)) {
            return index.images().stream().filter(each -> each.id().equals(image.id())).findFirst();
        }
        drop(image);
        return Optional.empty();
    }

    /** Looks at size and time of the files; at their content when one of these is not as it was. */
    private boolean intact(Image image) throws IOException {
        for (Map.Entry<String, String> each : image.jars().entrySet()) {
            if (!intact(each.getValue())) {
                LOG.warn("Image {}: {} is damaged or gone; the image has to be got again", image.name(), each.getKey());
                return false;
            }
        }
        return true;
    }

    private boolean intact(String digest) throws IOException {
        JarFile jar = index.jars().get(digest);
        Path file = folder.jar(digest);
        if (jar == null || !Files.isRegularFile(file) || Files.size(file) != jar.size()) {
            return false;
        }
        if (Files.getLastModifiedTime(file).toMillis() == jar.modifiedMillis()) {
            return true;
        }
        boolean same = Sha256.of(file).equals(digest);
        if (same) {
            Map<String, JarFile> jars = new HashMap<>(index.jars());
            jars.put(digest, JarFile.of(file));
            change(new Index(1, index.uses(), index.keep(), jars, index.layers(), index.images()));
        }
        return same;
    }

    /** What a layer has in /bundles, if that is known and all there; its jars are pinned then. */
    synchronized Optional<List<LayerEntry>> layer(String digest, Set<String> session) throws IOException {
        List<LayerEntry> entries = index.layers().getOrDefault(digest, unpacked.get(digest));
        if (entries == null) {
            return Optional.empty();
        }
        List<String> jars = LayerEntry.jars(entries);
        for (String jar : jars) {
            if (!pins.containsKey(jar) && !intact(jar)) {
                return Optional.empty();
            }
        }
        jars.forEach(jar -> pin(jar, session));
        return Optional.of(entries);
    }

    /** Tells other installations what a layer has whose jars are pinned. */
    synchronized void unpacked(String digest, List<LayerEntry> entries) {
        unpacked.put(digest, entries);
    }

    /** Makes room and takes it; {@code space().release} gives it back. */
    synchronized void claim(long bytes) throws IOException {
        makeRoom(bytes);
        space.claim(bytes);
    }

    /** Makes room for what is still to come of a download, and says where; {@code space().endDownload} ends it. */
    synchronized Path startDownload(Descriptor blob) throws IOException {
        Path file = folder.partial(blob.digest());
        long here = StoreFolder.size(file);
        space.startDownload(blob.digest(), here);
        try {
            makeRoom(Math.max(0, blob.size() - here));
            space.startDownload(blob.digest(), blob.size());
            return file;
        } catch (IOException e) {
            space.endDownload(blob.digest());
            throw e;
        }
    }

    private void makeRoom(long bytes) throws IOException {
        long missing = space.missing(bytes);
        if (missing > 0) {
            free(missing);
            long still = space.missing(bytes);
            if (still > 0) {
                throw space.full(bytes, still);
            }
        }
    }

    /** Whether a jar is here, with the right content; it is pinned then. */
    synchronized boolean jar(String digest, Set<String> session) throws IOException {
        Path file = folder.jar(digest);
        boolean there = index.jars().containsKey(digest) || pins.containsKey(digest);
        if (!there || !Files.isRegularFile(file) || !Sha256.of(file).equals(digest)) {
            return false;
        }
        pin(digest, session);
        return true;
    }

    /** Gives a jar its place; it stays until the session ends and longer if an image has it. */
    synchronized void keepJar(Path file, String digest, Set<String> session) throws IOException {
        long size = Files.size(file);
        folder.keep(file, digest);
        space.kept(digest, size);
        pin(digest, session);
    }

    private void pin(String digest, Set<String> session) {
        if (session.add(digest)) {
            pins.merge(digest, 1, Integer::sum);
        }
    }

    /** Ends what {@code session} counts on. */
    synchronized void unpin(Set<String> session) throws IOException {
        for (String digest : session) {
            pins.computeIfPresent(digest, (key, count) -> count == 1 ? null : count - 1);
        }
        unpacked.entrySet().removeIf(each -> index.layers().containsKey(each.getKey()) || LayerEntry.jars(each.getValue()).isEmpty()
                || !pins.keySet().containsAll(LayerEntry.jars(each.getValue())));
        sweep(session);
    }

    /** Offers an image; the references it has now belong to no other any more. */
    synchronized Image add(Image image, Map<String, List<LayerEntry>> layers) throws IOException {
        Map<String, JarFile> jars = new HashMap<>(index.jars());
        for (String digest : image.jars().values()) {
            jars.put(digest, JarFile.of(folder.jar(digest)));
        }
        for (List<LayerEntry> layer : layers.values()) {
            for (LayerEntry entry : layer) {
                if (entry.kind() == LayerEntry.Kind.JAR && !jars.containsKey(entry.target())) {
                    jars.put(entry.target(), JarFile.of(folder.jar(entry.target())));
                }
            }
        }
        Map<String, List<LayerEntry>> all = new HashMap<>(index.layers());
        all.putAll(layers);
        List<Image> images = new ArrayList<>();
        Image added = image.used(index.uses() + 1, index.keep().contains(image.id()) ? 0 : clock.millis());
        for (Image other : index.images()) {
            if (other.id().equals(image.id())) {
                Set<String> names = new LinkedHashSet<>(image.references());
                names.addAll(other.references());
                added = added.named(List.copyOf(names), image.repoDigest().isEmpty() ? other.repoDigest() : image.repoDigest())
                        .used(other.lastUse(), other.unusedSinceMillis());
            } else {
                List<String> names = other.references().stream().filter(each -> !image.references().contains(each)).toList();
                images.add(names.size() == other.references().size() ? other : other.named(names, other.repoDigest()));
            }
        }
        images.add(added);
        arrivals.put(image.id(), System.nanoTime());
        long uses = added.lastUse() > index.uses() ? added.lastUse() : index.uses();
        change(new Index(1, uses, index.keep(), jars, all, List.copyOf(images)));
        return added;
    }

    /** Ids in use, instead of those before. */
    public synchronized void keep(Set<String> ids) throws IOException {
        Set<String> before = Set.copyOf(index.keep());
        if (!before.equals(ids)) {
            long uses = index.uses();
            List<Image> images = new ArrayList<>();
            for (Image image : index.images()) {
                boolean wasUsed = before.contains(image.id());
                boolean isUsed = ids.contains(image.id());
                images.add(isUsed ? image.used(image.lastUse(), 0) : wasUsed ? image.used(++uses, clock.millis()) : image);
            }
            Index next = new Index(1, uses, ids.stream().sorted().toList(), index.jars(), index.layers(), List.copyOf(images));
            try {
                change(next);
            } catch (IOException e) {
                LOG.warn("Which images are in use cannot be written ({}); it counts until the gateway restarts, and is written with the next change",
                        e.getMessage());
                index = next;
                unwritten = true;
            }
        }
        expire();
    }

    /** Removes images unused for longer than the settings say. */
    private void expire() throws IOException {
        if (settings.maxAge().isZero()) {
            return;
        }
        long now = clock.millis();
        space.dropPartials(now - settings.maxAge().toMillis(), Long.MAX_VALUE);
        for (Image image : removable()) {
            // A clock that was set back makes the future of then the past of now: counted anew.
            if (image.unusedSinceMillis() > now) {
                List<Image> images = index.images().stream().map(each -> each.id().equals(image.id()) ? each.used(each.lastUse(), now) : each).toList();
                change(new Index(1, index.uses(), index.keep(), index.jars(), index.layers(), images));
            } else if (now - image.unusedSinceMillis() > settings.maxAge().toMillis()) {
                LOG.info("Image {} removed, unused for {} days", image.name(), (now - image.unusedSinceMillis()) / 86_400_000);
                drop(image);
            }
        }
    }

    /** Images not in use and not new, the one used longest ago first. */
    private List<Image> removable() {
        long now = System.nanoTime();
        return index.images().stream().filter(image -> !index.keep().contains(image.id()))
                .filter(image -> !arrivals.containsKey(image.id()) || now - arrivals.get(image.id()) >= settings.minAge().toNanos())
                .sorted(Comparator.comparingLong(Image::lastUse)).toList();
    }

    /** Removes images not in use until so many bytes are free, or there is none left. */
    public synchronized long free(long bytes) throws IOException {
        expire();
        long freed = bytes <= 0 ? 0 : space.dropPartials(Long.MAX_VALUE, bytes);
        for (Image image : removable()) {
            if (freed >= bytes) {
                break;
            }
            long before = space.jarBytes();
            drop(image);
            freed += before - space.jarBytes();
            LOG.info("Image {} removed to make room", image.name());
        }
        return freed;
    }

    /** @return false when it is not here @throws InUse when it is in use */
    public synchronized boolean remove(String referenceOrId) throws IOException, InUse {
        Optional<Image> found = index.images().stream().filter(each -> each.id().equals(referenceOrId) || each.references().contains(referenceOrId)).findFirst();
        if (found.isPresent() && index.keep().contains(found.get().id())) {
            throw new InUse();
        }
        if (found.isPresent()) {
            drop(found.get());
        }
        return found.isPresent();
    }

    private void drop(Image image) throws IOException {
        arrivals.remove(image.id());
        Set<String> jars = new HashSet<>(index.jars().keySet());
        Index next = index.without(image.id());
        try {
            change(next);
            sweep(jars);
        } catch (IOException e) {
            // A disk may be too full even for the index. An image whose jars are gone is not offered: safe this way round, too.
            index = next;
            sweep(jars);
            folder.writeIndex(next.toJson());
            unwritten = false;
        }
    }

    /** Removes those of the jars that nobody refers to. */
    private void sweep(Set<String> digests) throws IOException {
        for (String digest : digests) {
            if (!index.jars().containsKey(digest) && !pins.containsKey(digest)) {
                Files.deleteIfExists(folder.jar(digest));
                space.gone(digest);
            }
        }
    }

    private void change(Index next) throws IOException {
        if (unwritten || !next.equals(index)) {
            folder.writeIndex(next.toJson());
            index = next;
            unwritten = false;
        }
    }

    /** The image is in use. */
    public static final class InUse extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
