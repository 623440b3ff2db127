/** The Kubernetes API as the cloud service uses it: JSON trees, asynchronous, watched collections kept as slim projections. */
package io.kelp.cloud.kube;
