/** What lets pods run on gateways and stay there: the RuntimeClass, hints about DaemonSets, autonomy, and what Nodes say of their link. */
package io.kelp.cloud.workload;
