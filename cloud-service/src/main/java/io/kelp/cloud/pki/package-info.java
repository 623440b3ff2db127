/** The certificate authority of the installation: key material, join tokens, signing of gateway certificates and the join port. */
package io.kelp.cloud.pki;
