/**
 * The cloud service without a cluster: the Kubernetes API of {@link io.kelp.kubeapi} over HTTPS, its keys, and those
 * controllers of a control plane that gateways need.
 */
package io.kelp.cloud.standalone;
