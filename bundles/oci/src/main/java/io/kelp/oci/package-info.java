/** OCI images: references, registries and a bounded store of what was pulled. Used by the cloud service, too, as a plain library. */
@Export
@Version("1.0.0")
package io.kelp.oci;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
