/**
 * Devices to try the mapper with, for the command line. Needs nothing but the Java runtime: it has a small MQTT client of its
 * own, so that the mapper's client library need not be in the jar, and the mapper meets another implementation than its own.
 */
package io.kelp.mapper.mqtt.simulator;
