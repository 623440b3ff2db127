/** Puts the same questions to the real kube-apiserver and to ours, and compares the answers. */
package io.kelp.itests.kubeapi;
