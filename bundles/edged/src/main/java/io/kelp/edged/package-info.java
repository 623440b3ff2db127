/** What runs pods: implemented by the workload runtimes, used by edged. */
@Export
@Version("1.1.0")
package io.kelp.edged;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
