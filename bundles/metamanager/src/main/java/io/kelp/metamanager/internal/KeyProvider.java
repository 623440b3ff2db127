package io.kelp.metamanager.internal;

import java.io.IOException;
import java.util.List;

/**
 * Keeps the keys that seal Secrets and tokens on disk. A file does it today ({@link KeyFile}); a TPM 2.0
 * that unseals the keys only for this machine in this state fits the same form.
 */
interface KeyProvider {

    /**
     * Keys and what is said with them.
     *
     * @param keys the one to seal with first
     * @param sealedOnly whether everything was sealed once, so that a Secret in the clear is not ours
     */
    record KeyRing(List<SealKey> keys, boolean sealedOnly) {

        public KeyRing {
            keys = List.copyOf(keys);
        }
    }

    /** Where the keys are, for people. */
    String where();

    /**
     * The keys; makes one when there is none.
     *
     * @throws IOException when they are there and cannot be read, or none can be made; nothing can be sealed then
     */
    KeyRing load() throws IOException;

    /** Replaces the keys; once it returns they survive a power cut. */
    void save(KeyRing ring) throws IOException;
}
