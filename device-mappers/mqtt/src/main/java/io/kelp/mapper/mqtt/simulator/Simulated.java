package io.kelp.mapper.mqtt.simulator;

import java.io.IOException;

/** A simulated device or edge node on a connection of its own. Used by one thread. */
interface Simulated {

    String name();

    /** Connects, and again after a loss. */
    void connect() throws IOException;

    boolean connected();

    /** One period has passed. */
    void step() throws IOException;

    /** @return whether it knows such a fault */
    boolean fault(String fault) throws IOException;

    /** Leaves in good order. */
    void leave() throws IOException;
}
