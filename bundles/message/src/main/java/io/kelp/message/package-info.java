/** The messages that cloud and edge exchange: their model, the grammar of resource paths and the JSON codec. */
@Export
@Version("1.0.0")
package io.kelp.message;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
