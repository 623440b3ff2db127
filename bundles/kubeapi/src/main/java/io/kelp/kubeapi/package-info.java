/** A small Kubernetes-compatible API over a store that its user brings along. */
@Export
@Version("1.0.0")
package io.kelp.kubeapi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
