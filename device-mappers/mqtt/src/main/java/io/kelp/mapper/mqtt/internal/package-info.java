/** Devices that speak MQTT. */
package io.kelp.mapper.mqtt.internal;
