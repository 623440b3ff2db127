/** What lasts on the gateway: typed collections and append rings with a stated durability. */
@Export
@Version("1.1.0")
package io.kelp.store;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
