/** Connections to MQTT brokers, shared by the devices behind them. */
package io.kelp.mapper.mqtt.internal.broker;
