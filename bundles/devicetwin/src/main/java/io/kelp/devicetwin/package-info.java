/** The twins of the devices at this gateway. */
@Export
@Version("1.1.0")
package io.kelp.devicetwin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
