package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * A token of a service account as it is stored.
 *
 * @param id of the request it answers
 * @param podUid of the pod it is bound to, empty for none
 * @param issued by the gateway's clock when it came
 * @param life from then on
 * @param token secret; empty when it cannot be opened
 */
record TokenRecord(String id, String podUid, Instant issued, Duration life, String token) {

    private static final Duration LONGEST_USE = Duration.ofHours(24);

    /** Whether a new one should be asked for; a clock that was set back says so, too. */
    boolean isDue(Instant now) {
        Duration soon = life.multipliedBy(4).dividedBy(5);
        Instant due = issued.plus(soon.compareTo(LONGEST_USE) < 0 ? soon : LONGEST_USE);
        return token.isEmpty() || !now.isBefore(due) || now.isBefore(issued.minus(Duration.ofMinutes(5)));
    }

    boolean isExpired(Instant now) {
        return token.isEmpty() || !now.isBefore(issued.plus(life));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "token for pod " + podUid + " of " + issued;
    }

    /** Tokens as JSON, sealed but for what is needed to drop them. */
    record Codec(Sealer sealer) implements RecordCodec<TokenRecord> {

        /** @throws UncheckedIOException when there is no key to seal with */
        @Override
        public byte[] write(TokenRecord record) {
            JsonObject secret = new JsonObject();
            secret.addProperty("token", record.token);
            JsonObject json = new JsonObject();
            json.addProperty("id", record.id);
            json.addProperty("pod", record.podUid);
            json.addProperty("issued", record.issued.toEpochMilli());
            json.addProperty("life", record.life.toSeconds());
            try {
                json.add("sealed", sealer.seal("token\n" + record.id, secret));
            } catch (Sealer.LockedException e) {
                throw new UncheckedIOException(e);
            }
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public TokenRecord read(byte[] bytes) throws IOException {
            try {
                JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
                String id = json.get("id").getAsString();
                String token;
                try {
                    token = sealer.open("token\n" + id, json.getAsJsonObject("sealed")).get("token").getAsString();
                } catch (Sealer.LockedException e) {
                    token = ""; // asked for again when it is needed
                }
                return new TokenRecord(id, json.get("pod").getAsString(), Instant.ofEpochMilli(json.get("issued").getAsLong()),
                        Duration.ofSeconds(json.get("life").getAsLong()), token);
            } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException
                    | ClassCastException | NumberFormatException | ArithmeticException e) { // JSON of another shape
                throw new IOException("not a stored token: " + e.getMessage(), e);
            }
        }
    }
}
