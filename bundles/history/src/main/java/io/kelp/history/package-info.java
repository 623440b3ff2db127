/** What the properties of devices were in the past. */
@Export
@Version("1.0.0")
package io.kelp.history;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
