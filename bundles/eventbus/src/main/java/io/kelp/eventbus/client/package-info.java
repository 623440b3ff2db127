/** For bundles that keep a connection of their own to an MQTT broker elsewhere, with the client library Paho. */
@Export
@Version("1.0.0")
package io.kelp.eventbus.client;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
