package io.kelp.oci.internal;

import io.kelp.oci.Platform;
import java.util.List;

/** Chooses from an index what runs here. */
final class Platforms {

    private Platforms() {}

    /** The entry that fits best, the first of equals; one without platform fits when no other does. */
    static Descriptor choose(Manifest.Index index, Platform here) throws MalformedImageException {
        Descriptor best = null;
        int bestFit = 0;
        for (Descriptor each : index.manifests()) {
            int fit = each.attestation() ? 0 : each.platform() == null || each.platform().os().isEmpty() ? 1 : here.affinity(each.platform());
            if (fit > bestFit) {
                best = each;
                bestFit = fit;
            }
        }
        if (best == null) {
            List<String> offered = index.manifests().stream().filter(each -> !each.attestation() && each.platform() != null)
                    .map(each -> each.platform().toString()).limit(10).toList();
            throw new MalformedImageException("no match for platform in manifest: there is none for " + here + ", only for " + offered
                    + "; build it for this platform, or push it with \"kelp-cloud image push\", which makes an image for all");
        }
        return best;
    }
}
