package io.kelp.broker.internal.core;

/** The last message of a topic that was published with the retain flag. */
public record Retained(OutMessage message, int qos) {}
