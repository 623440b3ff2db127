/** What properties of devices were: asked from gateways, and the last minutes from memory. */
package io.kelp.cloud.history;
