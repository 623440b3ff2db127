package io.kelp.cloud.standalone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code FILE.lost} beside a store: there as long as objects are lost and nobody has brought them back or said that
 * they may be gone. A line for each loss: the revision at which the empty store was begun, and a sentence for the operator.
 * Whoever calls holds the {@link DataLock}.
 */
final class LossMarker {

    private static final Pattern LINE = Pattern.compile("([0-9]{1,18}) (.+)");
    private static final int MAX_BYTES = 64 << 10;
    /** The first says where the trouble began, the last ones how it goes on. */
    private static final int MAX_LINES = 8;

    private final Path file;

    /** @param database the file of the store */
    LossMarker(Path database) {
        this.file = database.resolveSibling(database.getFileName() + ".lost");
    }

    /** One loss, with the revision of the empty store that was begun. */
    record Loss(long begun, String sentence) {}

    /**
     * All that was lost since the objects were last known to be there; the first comes first, there is at least one.
     *
     * <p>Every store begun by us has a revision of {@link #first()} or more, and so have its backups; what was made before has less.
     */
    record Losses(List<Loss> all) {

        long first() {
            return all.get(0).begun();
        }

        long last() {
            return all.get(all.size() - 1).begun();
        }

        String text() {
            return String.join("; ", all.stream().map(Loss::sentence).toList());
        }
    }

    /** @return empty when nothing is lost; a marker that cannot be understood counts, no file is then known to be older than it */
    Optional<Losses> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<Loss> losses = new ArrayList<>();
        if (Files.size(file) <= MAX_BYTES) {
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().map(LINE::matcher).filter(Matcher::matches)
                    .forEach(line -> losses.add(new Loss(Long.parseLong(line.group(1)), line.group(2))));
        }
        return Optional.of(new Losses(losses.isEmpty() ? List.of(new Loss(0, file + " says that objects were lost, but not which")) : losses));
    }

    /** Notes one more; it would survive a power cut when this returns. */
    void add(long begun, String sentence) throws IOException {
        List<Loss> losses = new ArrayList<>(read().map(Losses::all).orElse(List.of()));
        losses.add(new Loss(begun, sentence.replaceAll("\\s+", " ").strip()));
        if (losses.size() > MAX_LINES) {
            losses.remove(1);
        }
        StringBuilder text = new StringBuilder();
        losses.forEach(each -> text.append(each.begun()).append(' ').append(each.sentence()).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, StoreFile.PRIVATE);
        Files.writeString(fresh, text, StandardOpenOption.WRITE);
        DataLock.sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        DataLock.sync(file.toAbsolutePath().getParent());
    }

    /** The objects are there again, or nobody misses them. */
    void remove() throws IOException {
        if (Files.deleteIfExists(file)) {
            DataLock.sync(file.toAbsolutePath().getParent());
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
