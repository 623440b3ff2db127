/** What a bundle that runs as a container of a pod may use: its environment, files, ports and commands. */
@Export
@Version("1.0.0")
package io.kelp.runtime.osgi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
