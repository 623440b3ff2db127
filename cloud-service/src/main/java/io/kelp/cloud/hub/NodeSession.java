package io.kelp.cloud.hub;

import io.kelp.message.Message;

/** The connection of one gateway. Safe for use by several threads; no method blocks. */
public interface NodeSession {

    /** The node that the certificate names. */
    String node();

    /** Whether the gateway speaks Kelp's additions to the protocol. */
    boolean isKelp();

    /**
     * Sends a message that needs no acknowledgement: answers, membership, twin updates.
     *
     * @return false when the session has ended or its queue is full; the message is then dropped
     */
    boolean send(Message message);

    /**
     * As {@link #send}, for what nobody waits for: may leave a few milliseconds later, together with others, to a gateway that
     * reads several messages from one text.
     */
    default boolean sendSoon(Message message) {
        return send(message);
    }

    boolean isOpen();

    /**
     * Writes a warning about the gateway into the log. The lines of one gateway are limited, those
     * left out are counted.
     *
     * @param text what it does and what came of it, without its name
     */
    void complain(String text);
}
