package io.kelp.mapper.internal.install;

import io.kelp.mapper.MapperRefusedException;
import io.kelp.store.RecordCollection;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of mappers when the store was lost: made anew from the jars that are still there.
 *
 * <p>A mark in the store tells a lost list from an empty one. It is set before the first mapper can
 * be installed, so that jars without both list and mark can only be those of a list that was lost,
 * never leftovers of an installation or a removal that a crash has interrupted.
 */
final class LostList {

    private static final Logger LOG = LoggerFactory.getLogger(LostList.class);
    private static final String MARK = "list";
    private static final long STORE_SECONDS = 30;

    private final ContentStore content;
    private final RecordCollection<Installed> list;
    private final RecordCollection<String> known;

    LostList(ContentStore content, RecordCollection<Installed> list, RecordCollection<String> known) {
        this.content = content;
        this.list = list;
        this.known = known;
    }

    /** Whether the list in the store is the one to go by. */
    boolean isFound() {
        return known.get(MARK).isPresent();
    }

    /** Makes the list anew if it was lost. When that cannot be written now, it may be called again later. */
    void findAgain() {
        if (isFound()) {
            return;
        }
        try {
            Map<String, Installed> found = list.snapshot().isEmpty() ? jars() : Map.of();
            if (!found.isEmpty()) {
                list.apply(found).toCompletableFuture().get(STORE_SECONDS, TimeUnit.SECONDS);
                LOG.warn("The list of mappers was lost with the database and is made anew from their jars: {}", found.keySet());
            }
            known.put(MARK, "yes").toCompletableFuture().get(STORE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | IOException e) {
            LOG.warn("The list of mappers cannot be made anew now: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Installed> jars() throws IOException {
        Map<String, Installed> found = new LinkedHashMap<>();
        for (String sha256 : content.digestsOldestFirst()) {
            try {
                if (content.intact(sha256)) {
                    MapperJar jar = MapperJar.inspect(content.path(sha256));
                    // The file in the drop folder that it came from, if any, is found by the next look there.
                    found.put(jar.name(), new Installed(jar.name(), jar.version().toString(), sha256, ""));
                }
            } catch (MapperRefusedException e) {
                LOG.warn("Jar {} is not taken for a mapper: {}", sha256, e.getMessage());
            }
        }
        return found;
    }
}
