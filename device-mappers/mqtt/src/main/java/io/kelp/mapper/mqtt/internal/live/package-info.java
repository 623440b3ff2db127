/** Devices that tell their values by themselves: the last values, reads that wait for the next, time. */
package io.kelp.mapper.mqtt.internal.live;
