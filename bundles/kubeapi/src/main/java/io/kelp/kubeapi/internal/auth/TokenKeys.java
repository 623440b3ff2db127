package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * Signs claims as compact JWS (RFC 7515) and checks such tokens, with the one algorithm that fits the key: RS256 or ES256
 * (RFC 7518). What a token says about its algorithm or key never chooses how it is checked. Safe for use by several threads.
 */
public final class TokenKeys {

    private static final int MAX_TOKEN = 16 * 1024;
    private static final int MAX_HEADER = 1024;
    private static final int P256_BYTES = 32;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair keys;
    private final String algorithm;
    private final String signature;
    private final String keyId;

    /** @throws IllegalArgumentException when the keys are neither RSA nor EC P-256 */
    public TokenKeys(KeyPair keys) {
        this.keys = keys;
        if (keys.getPublic() instanceof RSAPublicKey) {
            algorithm = "RS256";
            signature = "SHA256withRSA";
        } else if (keys.getPublic() instanceof ECPublicKey ec && ec.getParams().getOrder().bitLength() == P256_BYTES * 8) {
            algorithm = "ES256";
            signature = "SHA256withECDSAinP1363Format";
        } else {
            throw new IllegalArgumentException("Keys for tokens are RSA or EC P-256, not " + keys.getPublic().getAlgorithm());
        }
        try {
            keyId = ENCODER.encodeToString(MessageDigest.getInstance("SHA-256").digest(keys.getPublic().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    String algorithm() {
        return algorithm;
    }

    String sign(JsonObject claims) {
        JsonObject header = new JsonObject();
        header.addProperty("alg", algorithm);
        header.addProperty("kid", keyId);
        String content = encode(header.toString().getBytes(StandardCharsets.UTF_8)) + "."
                + encode(claims.toString().getBytes(StandardCharsets.UTF_8));
        try {
            Signature signer = Signature.getInstance(signature);
            signer.initSign(keys.getPrivate());
            signer.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + encode(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The key for tokens cannot sign with " + algorithm, e);
        }
    }

    /**
     * The claims of a token that was signed with the key; they are not yet judged.
     *
     * @throws InvalidTokenException for everything else
     */
    JsonObject verify(String token) throws InvalidTokenException {
        String[] parts = token.length() > MAX_TOKEN ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3 || parts[0].length() > MAX_HEADER) {
            throw new InvalidTokenException("invalid bearer token");
        }
        byte[] claims;
        try {
            JsonObject header = parse(Base64.getUrlDecoder().decode(parts[0]));
            if (!(header.get("alg") instanceof JsonPrimitive alg) || !alg.getAsString().equals(algorithm) || header.has("crit")) {
                throw new InvalidTokenException("invalid bearer token");
            }
            claims = Base64.getUrlDecoder().decode(parts[1]);
            Signature verifier = Signature.getInstance(signature);
            verifier.initVerify(keys.getPublic());
            verifier.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            if (!verifier.verify(Base64.getUrlDecoder().decode(parts[2]))) {
                throw new InvalidTokenException("[invalid bearer token, the signature is not of this cluster]");
            }
            return parse(claims);
        } catch (IllegalArgumentException | JsonParseException | IllegalStateException e) {
            throw new InvalidTokenException("invalid bearer token");
        } catch (GeneralSecurityException e) {
            throw new InvalidTokenException("[invalid bearer token, the signature is not of this cluster]");
        }
    }

    /** The public key as a member of a JSON Web Key Set (RFC 7517). */
    JsonObject toJwk() {
        JsonObject jwk = new JsonObject();
        jwk.addProperty("use", "sig");
        if (keys.getPublic() instanceof RSAPublicKey rsa) {
            jwk.addProperty("kty", "RSA");
            jwk.addProperty("kid", keyId);
            jwk.addProperty("alg", algorithm);
            jwk.addProperty("n", encode(unsigned(rsa.getModulus(), 0)));
            jwk.addProperty("e", encode(unsigned(rsa.getPublicExponent(), 0)));
        } else {
            ECPublicKey ec = (ECPublicKey) keys.getPublic();
            jwk.addProperty("kty", "EC");
            jwk.addProperty("kid", keyId);
            jwk.addProperty("crv", "P-256");
            jwk.addProperty("alg", algorithm);
            jwk.addProperty("x", encode(unsigned(ec.getW().getAffineX(), P256_BYTES)));
            jwk.addProperty("y", encode(unsigned(ec.getW().getAffineY(), P256_BYTES)));
        }
        return jwk;
    }

    private static JsonObject parse(byte[] json) throws InvalidTokenException {
        if (JsonParser.parseString(new String(json, StandardCharsets.UTF_8)) instanceof JsonObject object) {
            return object;
        }
        throw new InvalidTokenException("invalid bearer token");
    }

    /** Big-endian without sign byte, at least so many bytes. */
    private static byte[] unsigned(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        int start = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        int size = Math.max(length, bytes.length - start);
        byte[] padded = new byte[size];
        System.arraycopy(bytes, start, padded, size - (bytes.length - start), bytes.length - start);
        return padded;
    }

    private static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }
}
