/** Devices of both generations: objects and desired values down to the gateways, reported values up. */
package io.kelp.cloud.device;
