/** What the author of a device mapper implements. */
@Export
@Version("1.0.0")
package io.kelp.mapper;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
