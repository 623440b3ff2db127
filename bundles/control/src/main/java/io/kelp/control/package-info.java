/** How a running gateway is asked and told: local commands, status, problems and metrics. */
@Export
@Version("1.0.0")
package io.kelp.control;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
