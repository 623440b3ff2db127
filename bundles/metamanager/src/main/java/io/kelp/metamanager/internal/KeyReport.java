package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand.Result;
import io.kelp.control.Problem;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What operators see and do of the key that seals Secrets and tokens. */
final class KeyReport {

    private static final long RESEAL_SECONDS = 20;

    private final Sealer sealer;
    private final ObjectTable table;
    private final Tokens tokens;
    private final Instant since = Instant.now();

    KeyReport(Sealer sealer, ObjectTable table, Tokens tokens) {
        this.sealer = sealer;
        this.table = table;
        this.tokens = tokens;
    }

    JsonObject status() {
        JsonObject objects = new JsonObject();
        table.counts().forEach(objects::addProperty);
        JsonObject part = new JsonObject();
        part.add("objects", objects);
        part.addProperty("secretsKey", sealer.keyId());
        part.addProperty("lockedSecrets", table.locked().size());
        JsonObject status = new JsonObject();
        status.add("metamanager", part);
        return status;
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (!sealer.trouble().isEmpty()) {
            problems.add(new Problem("SECRETS-KEY", "Secrets can be neither stored nor read: " + sealer.trouble(), sealer.where(),
                    "Make the file readable and writable for the gateway's user, then restart the gateway.", since));
        }
        Map<String, String> locked = table.locked();
        if (!locked.isEmpty() && sealer.trouble().isEmpty()) {
            Map.Entry<String, String> first = locked.entrySet().iterator().next();
            problems.add(new Problem("SECRETS-LOCKED", locked.size() + " stored Secrets cannot be opened, " + first.getKey() + " because "
                    + first.getValue(), sealer.where(),
                    "Put the key file back from a backup and restart, or connect to the cloud: what pods need is asked for again.", since));
        }
        return problems;
    }

    List<String> usage() {
        return List.of("secrets status                shows with which key Secrets are stored, and how many cannot be opened",
                "secrets rotate-key            makes a new key and seals all stored Secrets with it");
    }

    Result run(List<String> arguments) {
        if (arguments.equals(List.of("status"))) {
            List<String> lines = new ArrayList<>();
            lines.add("key " + (sealer.keyId().isEmpty() ? "none" : sealer.keyId()) + " in " + sealer.where());
            lines.add(table.list(MetaCodec.SECRET).size() + " Secrets stored");
            table.locked().forEach((key, why) -> lines.add(key + " cannot be opened: " + why));
            return new Result(0, lines);
        }
        if (arguments.equals(List.of("rotate-key"))) {
            return rotate();
        }
        return new Result(2, usage());
    }

    /** The old key goes only when everything is durable under the new one. */
    private Result rotate() {
        try {
            sealer.addKey();
            table.reseal().thenCompose(done -> tokens.reseal()).toCompletableFuture().get(RESEAL_SECONDS, TimeUnit.SECONDS);
            sealer.dropOldKeys();
            return Result.ok("Secrets are sealed with key " + sealer.keyId()
                    + " now. Backups of meta.db made before need the old key file.");
        } catch (IOException e) {
            return Result.failed(1, sealer.where() + " cannot be written: " + e.getMessage());
        } catch (ExecutionException e) {
            return Result.failed(1, "The Secrets could not be stored: " + e.getCause().getMessage() + "; the old key is kept beside the new one.");
        } catch (TimeoutException e) {
            return Result.failed(1, "The disk took more than " + RESEAL_SECONDS + " s; the old key is kept beside the new one, rotate again later.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Result.failed(1, "Interrupted; the old key is kept beside the new one.");
        }
    }
}
