package io.kelp.mapper.modbus.internal.wire;

/**
 * Modbus RTU: unit, PDU, checksum (Modbus over Serial Line V1.02, 2.5.1), on a serial line or
 * through a TCP connection to a serial server.
 *
 * <p>Frames end with a silence that cannot be seen through an operating system or a network, so
 * the answer is known by its content: unit, function, length and checksum. It is found behind noise,
 * behind the echo of the request and behind late answers of other units.
 */
public final class RtuFraming implements Framing {

    private String discarded = "";
    private Received unused = new Received();

    @Override
    public byte[] request(int unit, byte[] pdu) {
        discarded = "";
        return frame(unit, pdu);
    }

    /** A frame of either direction. */
    public static byte[] frame(int unit, byte[] pdu) {
        byte[] frame = new byte[pdu.length + 3];
        frame[0] = (byte) unit;
        System.arraycopy(pdu, 0, frame, 1, pdu.length);
        int crc = Crc16.of(frame, 0, pdu.length + 1);
        frame[pdu.length + 1] = (byte) crc;
        frame[pdu.length + 2] = (byte) (crc >> 8);
        return frame;
    }

    @Override
    public byte[] answer(Received in, int unit, byte[] request) {
        int answered = Pdu.answerLength(request) + 3;
        for (int at = 0; at + 5 <= in.size(); at++) {
            if (in.at(at) != unit) {
                continue;
            }
            int function = in.at(at + 1);
            int length = function == (request[0] | 0x80) ? 5
                    : function == request[0] && (!Pdu.reads(request) || in.at(at + 2) == answered - 5) ? answered : 0;
            if (length == 0 || at + length > in.size()) {
                continue;
            }
            if (in.checksumFits(at, at + length)) {
                byte[] pdu = in.copy(at + 1, at + length - 2);
                in.drop(at + length);
                return pdu;
            }
            discarded = "an answer came with a wrong checksum";
        }
        unused = in;
        return null;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(String.format("%02x ", b & 0xFF));
        }
        return text.toString().trim();
    }

    @Override
    public String discarded() {
        return !discarded.isEmpty() || unused.size() == 0 ? discarded
                : unused.size() + " bytes came that are not the answer: " + hex(unused.copy(0, Math.min(unused.size(), 16)));
    }
}
