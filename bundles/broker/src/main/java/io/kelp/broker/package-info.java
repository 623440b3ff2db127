/** The gateway's own MQTT broker, as seen from inside the process. */
@Export
@Version("1.1.0")
package io.kelp.broker;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
