/** Nodes, leases, pods and what pods refer to: down to the gateways, and the gateways' requests up. */
package io.kelp.cloud.edge;
