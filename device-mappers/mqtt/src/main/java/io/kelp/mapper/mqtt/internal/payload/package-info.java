/** What stands in MQTT messages and topics: values, times, templates. Knows neither OSGi nor sockets. */
package io.kelp.mapper.mqtt.internal.payload;
