package io.kelp.metamanager.internal;

import java.io.IOException;
import java.util.List;

/**
 * Keeps the keys that seal Secrets and tokens on disk. A file does it today ({@link KeyFile}); a TPM 2.0
 * that unseals the keys only for this machine in this state fits the same form.
 */
interface KeyProvider {

    /** Where the keys are, for people. */
    String where();

    /**
     * The keys, the one to seal with first; makes one when there is none.
     *
     * @throws IOException when they are there and cannot be read, or none can be made; nothing can be sealed then
     */
    List<SealKey> load() throws IOException;

    /** Replaces the keys; once it returns they survive a power cut. */
    void save(List<SealKey> keys) throws IOException;
}
