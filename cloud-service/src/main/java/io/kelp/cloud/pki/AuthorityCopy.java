package io.kelp.cloud.pki;

import io.kelp.cloud.kube.KubeApi;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the CA of the gateways outside the API, as PEM files {@code gateways-ca.crt} and {@code gateways-ca.key}, for an
 * installation that keeps its API in one file: whoever loses that file would lose the CA with it, and no gateway could
 * connect until somebody had been to it and joined it anew. Tokens and the server certificate come from the CA.
 */
public final class AuthorityCopy {

    private static final Logger LOG = LoggerFactory.getLogger(AuthorityCopy.class);
    private static final String NAME = "gateways-ca";

    private final SecretStore secrets;
    private final Path folder;

    /** @param folder where the copy lies; readable by its owner only */
    public AuthorityCopy(KubeApi kube, Path folder) {
        this.secrets = new SecretStore(kube);
        this.folder = folder;
    }

    /** Puts the copy into an API that has no CA; to be called before {@link KeyMaterial#load}. What the API has always counts. */
    public void restore() throws PkiException {
        if (KeyMaterial.authority(secrets).isPresent()) {
            return; // a copy that was cut off while it was written is made again by keep
        }
        Optional<KeyPairDer> copy = PemFiles.read(folder, NAME);
        if (copy.isPresent() && secrets.createIfAbsent(KeyMaterial.CA_SECRET, KeyMaterial.caData(copy.get()))) {
            LOG.warn("The API had no CA of the gateways; it was restored from {}.crt: gateways that have joined stay joined", folder.resolve(NAME));
        }
    }

    /** Makes the copy what the API has; to be called after {@link KeyMaterial#load}. */
    public void keep() throws PkiException {
        Optional<KeyPairDer> stored = KeyMaterial.authority(secrets);
        if (stored.isEmpty()) {
            return; // somebody deletes it this moment
        }
        Optional<KeyPairDer> copy = readable();
        if (copy.isEmpty() || !Arrays.equals(copy.get().certificateDer(), stored.get().certificateDer())) {
            PemFiles.write(folder.resolve(NAME + ".key"), pem("EC PRIVATE KEY", stored.get().keySec1Der()));
            PemFiles.write(folder.resolve(NAME + ".crt"), pem("CERTIFICATE", stored.get().certificateDer()));
        }
    }

    /** A copy that was cut off while it was written is made again. */
    private Optional<KeyPairDer> readable() {
        try {
            return PemFiles.read(folder, NAME);
        } catch (PkiException e) {
            LOG.info("The copy of the CA is made again: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }
}
