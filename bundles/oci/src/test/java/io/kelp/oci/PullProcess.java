package io.kelp.oci;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Pulls images until it is killed, for {@link PowerCutTest}. Arguments: folder, registry, names. */
public final class PullProcess {

    private PullProcess() {}

    public static void main(String[] args) throws Exception {
        LocalImageStore store = new LocalImageStore(Path.of(args[0]), PowerCutTest.settings(args[1]));
        while (true) {
            for (String name : List.of(args).subList(2, args.length)) {
                store.pull(ImageReference.parse(args[1] + "/" + name), List.of(), sentence -> { }).toCompletableFuture().get(60, TimeUnit.SECONDS);
                store.keep(Set.of(store.images().get(0).id()));
            }
            store.keep(Set.of());
            store.free(Long.MAX_VALUE).toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }
}
