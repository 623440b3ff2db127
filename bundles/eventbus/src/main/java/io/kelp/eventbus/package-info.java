/** MQTT as the other bundles see it, whichever broker carries it. */
@Export
@Version("1.1.0")
package io.kelp.eventbus;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
