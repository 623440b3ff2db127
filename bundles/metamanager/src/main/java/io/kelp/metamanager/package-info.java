/** The gateway's copy of Kubernetes objects. */
@Export
@Version("1.1.0")
package io.kelp.metamanager;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
