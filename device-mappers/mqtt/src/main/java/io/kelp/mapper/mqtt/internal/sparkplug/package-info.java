/** Sparkplug B (Eclipse Sparkplug 3.0): payloads, and the rules of births, deaths and sequence numbers. */
package io.kelp.mapper.mqtt.internal.sparkplug;
