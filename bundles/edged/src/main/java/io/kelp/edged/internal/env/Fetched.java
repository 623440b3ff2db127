package io.kelp.edged.internal.env;

import io.kelp.metamanager.MetaException;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * ConfigMaps and Secrets of one namespace that a pod refers to, after all of them were asked for.
 * Immutable.
 */
public final class Fetched {

    /** @param type {@code configmap} or {@code secret} */
    public record Wanted(String type, String name) {}

    private record Result(Optional<MetaObject> object, Throwable failure) {}

    private final Map<Wanted, Result> results;

    private Fetched(Map<Wanted, Result> results) {
        this.results = results;
    }

    /** Asks for all of them at once; never fails. */
    public static CompletionStage<Fetched> of(MetaStore objects, String namespace, Set<Wanted> wanted) {
        Map<Wanted, CompletableFuture<Result>> asked = new LinkedHashMap<>();
        for (Wanted each : wanted) {
            asked.put(each, objects.fetch(each.type(), namespace, each.name())
                    .handle((object, failure) -> failure == null ? new Result(object, null) : new Result(Optional.empty(), cause(failure)))
                    .toCompletableFuture());
        }
        List<CompletableFuture<?>> all = new ArrayList<>(asked.values());
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> {
            Map<Wanted, Result> results = new LinkedHashMap<>();
            asked.forEach((each, result) -> results.put(each, result.join()));
            return new Fetched(results);
        });
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /**
     * The object.
     *
     * @param optional whether the pod can do without: then an object that does not exist is empty, and also
     *     one of which that cannot be known because the cloud cannot be asked; a gateway that starts
     *     without its cloud would wait for ever otherwise
     * @throws IllegalArgumentException when it does not exist or cannot be had
     */
    public Optional<MetaObject> get(String type, String name, boolean optional) {
        Result result = results.get(new Wanted(type, name));
        if (result == null) {
            throw new IllegalStateException(type + " " + name + " was not asked for");
        }
        if (result.object.isPresent()) {
            return result.object;
        }
        if (optional && (result.failure == null || isUnreachable(result))) {
            return Optional.empty();
        }
        throw new IllegalArgumentException(result.failure == null ? type + " \"" + name + "\" not found"
                : type + " \"" + name + "\" cannot be had: " + result.failure.getMessage());
    }

    /** Whether the cloud could not be asked for some of them, of which there is no copy either. */
    public boolean isIncomplete() {
        return results.values().stream().anyMatch(Fetched::isUnreachable);
    }

    private static boolean isUnreachable(Result result) {
        return result.failure instanceof MetaException e && e.reason().equals(MetaException.UNAVAILABLE);
    }
}
