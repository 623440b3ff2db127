package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.metamanager.internal.KeyProvider.KeyRing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals JSON with AES-256-GCM (NIST SP 800-38D, random nonces of 96 bits) and opens it again. What is
 * sealed is bound to a place: opened as another record than it was sealed for, it is refused.
 *
 * <p>Safe for use by several threads.
 */
final class Sealer {

    /** The record was sealed with a key that is not here, or it was changed. */
    static final class LockedException extends IOException {

        private static final long serialVersionUID = 1L;

        LockedException(String message) {
            super(message);
        }

        LockedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final KeyProvider provider;
    private final SecureRandom random = new SecureRandom();
    private volatile KeyRing ring = new KeyRing(List.of(), false);
    private volatile String trouble = "";

    Sealer(KeyProvider provider) {
        this.provider = provider;
        try {
            ring = provider.load();
        } catch (IOException e) {
            trouble = provider.where() + " cannot be used (" + e + ")";
        }
    }

    /** Why nothing can be sealed or opened, empty when it can. */
    String trouble() {
        return trouble;
    }

    String where() {
        return provider.where();
    }

    /** Id of the key that seals, empty when there is none. */
    String keyId() {
        List<SealKey> keys = ring.keys();
        return keys.isEmpty() ? "" : keys.get(0).id();
    }

    /** Whether this was sealed with the newest key. */
    boolean isCurrent(JsonObject sealed) {
        List<SealKey> keys = ring.keys();
        return !keys.isEmpty() && keys.get(0).id().equals(text(sealed, "key"));
    }

    /** @throws LockedException when there is no key to seal with */
    JsonObject seal(String place, JsonObject content) throws LockedException {
        List<SealKey> now = ring.keys();
        if (now.isEmpty()) {
            throw new LockedException("nothing secret is stored: " + trouble);
        }
        SealKey key = now.get(0);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] data = crypt(Cipher.ENCRYPT_MODE, key, nonce, place, content.toString().getBytes(StandardCharsets.UTF_8));
        JsonObject sealed = new JsonObject();
        sealed.addProperty("key", key.id());
        sealed.addProperty("nonce", Base64.getEncoder().encodeToString(nonce));
        sealed.addProperty("data", Base64.getEncoder().encodeToString(data));
        return sealed;
    }

    /** @throws LockedException when the key is not here, the place is another one or a byte was changed */
    JsonObject open(String place, JsonObject sealed) throws LockedException {
        String id = text(sealed, "key");
        for (SealKey key : ring.keys()) {
            if (key.id().equals(id)) {
                try {
                    byte[] content = crypt(Cipher.DECRYPT_MODE, key, Base64.getDecoder().decode(text(sealed, "nonce")), place,
                            Base64.getDecoder().decode(text(sealed, "data")));
                    return JsonParser.parseString(new String(content, StandardCharsets.UTF_8)).getAsJsonObject();
                } catch (IllegalArgumentException | IllegalStateException | JsonParseException e) { // no base64, no JSON object
                    throw new LockedException("a sealed record is damaged", e);
                }
            }
        }
        throw new LockedException("the key " + id + " is not in " + provider.where());
    }

    private static byte[] crypt(int mode, SealKey key, byte[] nonce, String place, byte[] data) throws LockedException {
        if (nonce.length != NONCE_BYTES || mode == Cipher.DECRYPT_MODE && data.length < TAG_BITS / Byte.SIZE) {
            throw new LockedException("a sealed record is damaged");
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD((key.id() + "\n" + place).getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new LockedException("a sealed record was changed or belongs elsewhere", e);
        }
    }

    /** A new key seals from now on; the others still open. They are durable once this returns. */
    synchronized void addKey() throws IOException {
        List<SealKey> more = new ArrayList<>(ring.keys());
        more.add(0, SealKey.random(random));
        save(new KeyRing(more, ring.sealedOnly()));
        trouble = "";
    }

    /** Forgets all keys but the newest. */
    synchronized void dropOldKeys() throws IOException {
        save(new KeyRing(ring.keys().subList(0, 1), ring.sealedOnly()));
    }

    /** Whether a Secret in the clear cannot be ours, as all were sealed once. */
    boolean refusesClear() {
        return ring.sealedOnly();
    }

    /** Everything is sealed: what is found in the clear from now on was put there by somebody else. */
    synchronized void refuseClear() throws IOException {
        if (!ring.sealedOnly() && !ring.keys().isEmpty()) {
            save(new KeyRing(ring.keys(), true));
        }
    }

    private void save(KeyRing now) throws IOException {
        provider.save(now);
        ring = now;
    }

    private static String text(JsonObject json, String member) {
        return json.get(member) != null && json.get(member).isJsonPrimitive() ? json.get(member).getAsString() : "";
    }
}
