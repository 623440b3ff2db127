/**
 * What the author of a device mapper implements ({@link io.kelp.mapper.DeviceDriver}), and how
 * mappers are installed and watched.
 */
@Export
@Version("1.1.0")
package io.kelp.mapper;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
