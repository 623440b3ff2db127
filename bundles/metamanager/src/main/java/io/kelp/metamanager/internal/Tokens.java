package io.kelp.metamanager.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.message.Message;
import io.kelp.metamanager.MetaException;
import io.kelp.store.RecordCollection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tokens of service accounts, from the cloud and kept (channel specification 6.3 and 7.4). */
final class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final Duration DEFAULT_LIFE = Duration.ofHours(1);
    private static final Duration SHORTEST_LIFE = Duration.ofMinutes(1);
    private static final Duration LONGEST_LIFE = Duration.ofDays(3660);

    private final RecordCollection<TokenRecord> stored;
    private final ObjectTable table;
    private final CloudQueries queries;
    private final Supplier<Instant> clock;
    // Both touched on the table's executor only.
    private final Map<String, CompletableFuture<String>> flights = new HashMap<>();
    private Map<String, String> podById; // pods that the stored tokens are bound to; to read that from the records would open them all

    Tokens(RecordCollection<TokenRecord> stored, ObjectTable table, CloudQueries queries, Supplier<Instant> clock) {
        this.stored = stored;
        this.table = table;
        this.queries = queries;
        this.clock = clock;
    }

    CompletionStage<String> token(String namespace, String account, JsonObject request) {
        String id = id(namespace, account, request);
        Optional<TokenRecord> kept = stored.get(id);
        if (kept.isPresent() && !kept.get().isDue(clock.get())) {
            return CompletableFuture.completedFuture(kept.get().token());
        }
        return table.serially(() -> ask(id, namespace, account, request));
    }

    private CompletionStage<String> ask(String id, String namespace, String account, JsonObject request) {
        CompletableFuture<String> under = flights.get(id);
        if (under != null) {
            return under;
        }
        CompletableFuture<String> flight = new CompletableFuture<>();
        flights.put(id, flight);
        queries.request("query", namespace + "/serviceaccounttoken/" + account, request).whenComplete((answer, failure) ->
                table.serially(() -> {
                    flights.remove(id);
                    return settle(id, account, request, answer, failure);
                }).whenComplete((token, trouble) -> {
                    if (trouble == null) {
                        flight.complete(token);
                    } else {
                        flight.completeExceptionally(trouble);
                    }
                }));
        return flight;
    }

    private CompletionStage<String> settle(String id, String account, JsonObject request, Message answer, Throwable failure) {
        MetaException refusal = failure instanceof MetaException known ? known
                : failure != null ? new MetaException(MetaException.UNKNOWN, failure.toString(), failure)
                : CloudQueries.refusal(answer);
        String token = refusal == null ? text(answer.contentAsJson().getAsJsonObject(), "status", "token") : "";
        if (refusal == null && token.isEmpty()) {
            refusal = new MetaException(MetaException.UNKNOWN, "the cloud answered without a token for account " + account);
        }
        Instant now = clock.get();
        if (refusal != null) {
            boolean offline = refusal.reason().equals(MetaException.UNAVAILABLE);
            Optional<TokenRecord> old = stored.get(id).filter(r -> !r.token().isEmpty() && (offline || !r.isExpired(now)));
            if (old.isPresent()) {
                LOG.debug("The old token of account {} is used: {}", account, refusal.getMessage());
                return CompletableFuture.completedFuture(old.get().token());
            }
            return CompletableFuture.failedFuture(refusal);
        }
        TokenRecord record = new TokenRecord(id, text(request, "spec", "boundObjectRef", "uid"), now,
                life(answer.contentAsJson().getAsJsonObject(), request), token);
        if (podById != null) {
            podById.put(id, record.podUid());
        }
        return stored.put(id, record).thenApply(done -> token);
    }

    /** As granted: a cloud may give a shorter life than was asked for. */
    private static Duration life(JsonObject answer, JsonObject request) {
        for (JsonObject each : new JsonObject[] {answer, request}) {
            try {
                Duration life = Duration.ofSeconds(Long.parseLong(text(each, "spec", "expirationSeconds")));
                return life.compareTo(SHORTEST_LIFE) < 0 ? SHORTEST_LIFE : life.compareTo(LONGEST_LIFE) > 0 ? LONGEST_LIFE : life;
            } catch (NumberFormatException e) {
                LOG.debug("A token without expirationSeconds");
            }
        }
        return DEFAULT_LIFE;
    }

    /** Drops the tokens bound to pods that are not among these. */
    CompletionStage<Void> retain(Set<String> podUids) {
        return table.serially(() -> {
            if (podById == null) {
                podById = new HashMap<>();
                stored.snapshot().forEach((id, record) -> podById.put(id, record.podUid()));
            }
            Map<String, TokenRecord> gone = new HashMap<>();
            podById.forEach((id, podUid) -> {
                if (!podUid.isEmpty() && !podUids.contains(podUid)) {
                    gone.put(id, null);
                }
            });
            podById.keySet().removeAll(gone.keySet());
            return gone.isEmpty() ? CompletableFuture.completedFuture(null) : stored.apply(gone);
        });
    }

    /** Writes all tokens again, sealed with the newest key; those that cannot be opened are dropped. */
    CompletionStage<Void> reseal() {
        return table.serially(() -> {
            Map<String, TokenRecord> again = new HashMap<>();
            stored.snapshot().forEach((id, record) -> again.put(id, record.token().isEmpty() ? null : record));
            return again.isEmpty() ? CompletableFuture.completedFuture(null) : stored.apply(again);
        });
    }

    private static String id(String namespace, String account, JsonObject request) {
        try {
            byte[] text = (namespace + "\n" + account + "\n" + request.get("spec")).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String text(JsonObject json, String... path) {
        JsonElement at = json;
        for (String member : path) {
            at = at != null && at.isJsonObject() ? at.getAsJsonObject().get(member) : null;
        }
        return at != null && at.isJsonPrimitive() ? at.getAsString() : "";
    }
}
