package io.kelp.runtime.osgi.internal.usage;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which container brought the Java machine down, handed over from one run of it to the next. What is known for
 * certain is written to {@code culprit.json} in the data folder before the end. When the heap is exhausted,
 * {@code bin/kelp} makes the file {@code oom} in the run folder, {@code oom.last} for the next run, and ends the
 * machine some seconds later if it has not ended itself; whom to suspect then is in {@code suspect.json} there,
 * written while the heap fills. Safe for use by several threads.
 */
public final class Culprits {

    private static final Logger LOG = LoggerFactory.getLogger(Culprits.class);
    private static final int MAX_BYTES = 64 << 10;

    private final Path culprit;
    private final Path suspect;
    private final Path exhausted;
    private final Record last;

    private record Record(String podUid, String container, Exit exit) {}

    /** @param run private folder of the gateway, in memory if possible; emptied of neither file by {@code bin/kelp} */
    public Culprits(Path data, Path run) {
        culprit = data.resolve("culprit.json");
        suspect = run.resolve("suspect.json");
        exhausted = run.resolve("oom");
        Record found = take(culprit);
        Record suspected = take(suspect);
        last = found != null ? found : Files.exists(run.resolve("oom.last")) ? suspected : null;
        if (last != null) {
            LOG.warn("container {} of pod {} brought the gateway down: {} ({})", last.container, last.podUid, last.exit.reason(), last.exit.message());
        }
    }

    /** How this container brought the previous run down; empty if it did not. */
    public Optional<Exit> lastEnd(String podUid, String container) {
        return last != null && last.podUid.equals(podUid) && last.container.equals(container) ? Optional.of(last.exit) : Optional.empty();
    }

    /** The end of the Java machine follows, because of this container. */
    public void convict(ContainerSpec container, Exit exit) {
        write(culprit, container, exit, true);
    }

    /** Whether the heap was exhausted in this run, after which the machine cannot be trusted any more. */
    boolean heapExhausted() {
        return Files.exists(exhausted);
    }

    /** Should the heap be exhausted soon, it was this one. */
    void suspect(ContainerSpec container, Exit exit) {
        write(suspect, container, exit, false);
    }

    void clear() {
        try {
            Files.deleteIfExists(suspect);
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", suspect, e.getMessage());
        }
    }

    private static void write(Path file, ContainerSpec container, Exit exit, boolean sync) {
        JsonObject json = new JsonObject();
        json.addProperty("podUid", container.pod().uid());
        json.addProperty("container", container.name());
        json.addProperty("code", exit.code());
        json.addProperty("reason", exit.reason());
        json.addProperty("message", exit.message());
        json.addProperty("at", exit.at().toString());
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try {
            if (sync) {
                Files.writeString(made, json + "\n", StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            } else {
                Files.writeString(made, json + "\n");
            }
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("cannot write {}, so the next start will not know about {}: {}", file, container.pod(), e.getMessage());
        }
    }

    /** Reads and removes; null if there is none that can be understood. */
    private static Record take(Path file) {
        try {
            if (!Files.exists(file) || Files.size(file) > MAX_BYTES) {
                return null;
            }
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            Files.delete(file);
            return new Record(json.get("podUid").getAsString(), json.get("container").getAsString(), new Exit(json.get("code").getAsInt(),
                    json.get("reason").getAsString(), json.get("message").getAsString(), Instant.parse(json.get("at").getAsString())));
        } catch (IOException | JsonParseException | IllegalStateException | NullPointerException | NumberFormatException | DateTimeException
                | UnsupportedOperationException e) {
            LOG.warn("{} is damaged and is not used: {}", file, e.toString());
            return null;
        }
    }
}
