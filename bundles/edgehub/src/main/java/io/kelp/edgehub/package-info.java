/** The link to the cloud, as the other bundles see it. */
@Export
@Version("1.2.0")
package io.kelp.edgehub;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
