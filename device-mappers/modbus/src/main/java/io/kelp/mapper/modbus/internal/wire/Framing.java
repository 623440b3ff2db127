package io.kelp.mapper.modbus.internal.wire;

import java.io.IOException;

/** How PDUs are framed on a line. Keeps the state of one line; used by one thread at a time. */
public interface Framing {

    /** The frame of a new request. */
    byte[] request(int unit, byte[] pdu);

    /**
     * Looks for the answer to the request made last in what has arrived, and discards what cannot be part of it.
     *
     * @return the answer's PDU, or {@code null} when it is not there yet
     * @throws GarbledException when the line is out of step, so that no answer can be found any more
     */
    byte[] answer(Received received, int unit, byte[] request) throws IOException;

    /** What has been discarded while the answer was looked for, for the message when it never came; empty if nothing. */
    String discarded();
}
