package io.kelp.cloud.pki;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The join token in KubeEdge's form (channel specification 1.4): the hash of the CA certificate, a
 * dot, and a JWT keyed with the CA's private key.
 */
final class JoinToken {

    private static final Map<String, String> ALGORITHMS =
            Map.of("HS256", "HmacSHA256", "HS384", "HmacSHA384", "HS512", "HmacSHA512");
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final int MAX_LENGTH = 4096;

    private JoinToken() {}

    /** Why a token is refused, in the words of a stock cloud. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    static String create(String caFingerprint, byte[] key, Instant expires) {
        String signed = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "." + encode("{\"exp\":" + expires.getEpochSecond() + "}");
        return caFingerprint + "." + signed + "." + ENCODER.encodeToString(hmac("HmacSHA256", key, signed));
    }

    /**
     * Checks the JWT part of a token.
     *
     * @throws RefusedException when it is malformed, of another key or expired
     */
    static void verify(String jwt, byte[] key, Instant now) throws RefusedException {
        String[] parts = jwt.split("\\.", -1);
        if (parts.length != 3 || jwt.length() > MAX_LENGTH) {
            throw new RefusedException("token is malformed: token contains an invalid number of segments");
        }
        JsonObject header = json(parts[0], "header");
        JsonObject claims = json(parts[1], "claim");
        String algorithm = ALGORITHMS.get(text(header, "alg"));
        if (algorithm == null) {
            throw new RefusedException("token is unverifiable: signing method (alg) is unavailable");
        }
        byte[] signature = decode(parts[2], "signature");
        if (!MessageDigest.isEqual(signature, hmac(algorithm, key, parts[0] + "." + parts[1]))) {
            throw new RefusedException("token signature is invalid: signature is invalid");
        }
        JsonElement exp = claims.get("exp");
        if (exp == null || !exp.isJsonPrimitive() || !exp.getAsJsonPrimitive().isNumber()) {
            throw new RefusedException("token has invalid claims: token is missing required claim: exp claim is required");
        }
        if (exp.getAsDouble() <= now.toEpochMilli() / 1000.0) {
            throw new RefusedException("token has invalid claims: token is expired");
        }
    }

    /** When a complete token ends; empty for text that is no token. */
    static Optional<Instant> expiry(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.ofEpochSecond(json(parts[2], "claim").get("exp").getAsLong()));
        } catch (RefusedException | RuntimeException e) {
            return Optional.empty(); // wrong JSON types come as several unchecked exceptions
        }
    }

    private static JsonObject json(String part, String what) throws RefusedException {
        String text = new String(decode(part, what), StandardCharsets.UTF_8);
        try {
            JsonElement json = JsonParser.parseString(text);
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            throw new RefusedException("token is malformed: could not JSON decode " + what + ": " + e.getMessage());
        }
        throw new RefusedException("token is malformed: could not JSON decode " + what + ": it is no object");
    }

    private static byte[] decode(String part, String what) throws RefusedException {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            boolean legal = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
            if (!legal) {
                throw illegal(what, i);
            }
        }
        if (part.length() % 4 == 1) {
            throw illegal(what, part.length() - 1);
        }
        return Base64.getUrlDecoder().decode(part);
    }

    private static RefusedException illegal(String what, int position) {
        return new RefusedException(
                "token is malformed: could not base64 decode " + what + ": illegal base64 data at input byte " + position);
    }

    private static String text(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    private static String encode(String json) {
        return ENCODER.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] hmac(String algorithm, byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
