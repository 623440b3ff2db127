/** Values of properties to HTTP servers and MQTT brokers. */
package io.kelp.push.internal;
