package io.kelp.mapper.mqtt.internal.broker;

import java.time.Duration;

/**
 * How connections behave.
 *
 * @param keepAlive of MQTT
 * @param firstPause before connecting again; doubles with each failure
 * @param longestPause before connecting again
 * @param mostBytes of a packet, in and out
 */
public record LinkTuning(Duration keepAlive, Duration firstPause, Duration longestPause, int mostBytes) {}
