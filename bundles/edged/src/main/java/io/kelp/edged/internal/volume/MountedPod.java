package io.kelp.edged.internal.volume;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.env.Quantity;
import io.kelp.edged.internal.pod.Pod;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** The volumes of a pod that is here. Its own lock guards the flags and is held for moments only. */
final class MountedPod {

    private final VolumeFolders folders;
    private final Executor io;
    final Object files = new Object(); // held while files of the pod are touched
    volatile PodVolumeSet set;
    volatile CompletableFuture<Void> ready;
    volatile long bytes;
    volatile List<String> overLimit = List.of();
    volatile boolean gone;
    volatile boolean failed;
    final Set<String> incomplete = ConcurrentHashMap.newKeySet(); // volumes to be tried again
    final Map<String, String> written = new ConcurrentHashMap<>(); // digest by volume
    final Map<String, Long> latest = new ConcurrentHashMap<>(); // by volume, which of all attempts has written
    final AtomicLong attempts = new AtomicLong();
    boolean refreshing; // like what follows guarded by this object
    boolean again;
    String lastTrouble = "";

    MountedPod(PodVolumeSet set, VolumeFolders folders, Executor io) {
        this.set = set;
        this.folders = folders;
        this.io = io;
    }

    boolean isReady() {
        return ready != null && ready.isDone() && !ready.isCompletedExceptionally();
    }

    interface FileWork<T> {
        T run() throws IOException;
    }

    /** Does work on the files of a pod, unless the pod is gone. */
    <T> CompletionStage<T> onDisk(FileWork<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            io.execute(() -> {
                try {
                    T result;
                    synchronized (files) {
                        if (gone) {
                            throw new IOException("the pod is gone");
                        }
                        result = work.run();
                    }
                    done.complete(result);
                } catch (IOException | RuntimeException e) { // whatever it is, the pod waits for an answer
                    done.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException("the gateway has too much to do or stops", e));
        }
        return done;
    }

    /**
     * Writes the files of a volume; completes with whether anything had to be written.
     *
     * @param attempt of several attempts that overlap the one with the highest number wins
     * @param compare whether to look at the files, too, not only at what was written last
     */
    CompletionStage<Boolean> write(JsonObject volume, Payload payload, long attempt, boolean compare) {
        String name = Pod.text(volume, "name");
        if (payload.isIncomplete()) {
            incomplete.add(name);
        } else {
            incomplete.remove(name);
        }
        String digest = payload.digest();
        if (!compare && digest.equals(written.get(name))) {
            latest.merge(name, attempt, Math::max);
            return CompletableFuture.completedFuture(false);
        }
        return onDisk(() -> {
            if (latest.getOrDefault(name, 0L) > attempt) {
                return false; // what began later has written already, and knew more
            }
            latest.put(name, attempt);
            written.remove(name);
            boolean changed = new AtomicWriter(set.folder(folders, volume)).write(payload);
            written.put(name, digest);
            return changed;
        });
    }

    /** Sizes of the emptyDirs now; on the thread for files. */
    Boolean measure() throws IOException {
        long sum = 0;
        List<String> over = new ArrayList<>();
        for (JsonObject volume : set.emptyDirs()) {
            long size = VolumeFolders.bytes(set.folder(folders, volume));
            sum += size;
            String limit = Pod.text(Pod.object(volume, "emptyDir"), "sizeLimit");
            if (!limit.isEmpty() && size > Quantity.units(Quantity.parse(limit), BigDecimal.ONE) && Quantity.parse(limit).signum() > 0) {
                over.add("Usage of EmptyDir volume \"" + Pod.text(volume, "name") + "\" exceeds the limit \"" + limit + "\". ");
            }
        }
        bytes = sum;
        overLimit = List.copyOf(over);
        return true;
    }

    /** Ends all work on the files of the pod and removes its volumes. */
    CompletionStage<Void> end(String podUid) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            io.execute(() -> {
                try {
                    synchronized (files) {
                        gone = true;
                        folders.remove(podUid);
                    }
                    done.complete(null);
                } catch (IOException | RuntimeException e) { // whatever it is, the pod waits for an answer
                    done.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new IOException("the gateway has too much to do or stops", e));
        }
        return done;
    }
}
