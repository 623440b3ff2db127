package io.kelp.mapper.modbus.internal.wire;

/** Modbus TCP: a header with a transaction number (Modbus Messaging on TCP/IP V1.0b, 3.1.3). */
public final class TcpFraming implements Framing {

    private int transaction;
    private String discarded = "";

    @Override
    public byte[] request(int unit, byte[] pdu) {
        transaction = transaction + 1 & 0xFFFF;
        discarded = "";
        return frame(transaction, unit, pdu);
    }

    /** A frame of either direction. */
    public static byte[] frame(int transaction, int unit, byte[] pdu) {
        byte[] frame = new byte[7 + pdu.length];
        frame[0] = (byte) (transaction >> 8);
        frame[1] = (byte) transaction;
        frame[4] = (byte) (pdu.length + 1 >> 8);
        frame[5] = (byte) (pdu.length + 1);
        frame[6] = (byte) unit;
        System.arraycopy(pdu, 0, frame, 7, pdu.length);
        return frame;
    }

    @Override
    public byte[] answer(Received in, int unit, byte[] request) throws GarbledException {
        while (in.size() >= 8) {
            int length = in.word(4);
            if (in.word(2) != 0 || length < 2 || length > 1 + Pdu.LONGEST) {
                throw new GarbledException("what arrives is not Modbus TCP: protocol " + in.word(2) + ", length " + length);
            }
            int end = 6 + length;
            if (in.size() < end) {
                return null;
            }
            int of = in.word(0);
            int from = in.at(6);
            byte[] pdu = in.copy(7, end);
            in.drop(end);
            if (of == transaction && from == unit) {
                return pdu;
            }
            // Late answers to requests that were given up, or a device that is not the one asked.
            discarded = of == transaction ? "unit " + from + " answered in the place of " + unit
                    : "an answer to another request came (transaction " + of + ", expected " + transaction + ")";
        }
        return null;
    }

    @Override
    public String discarded() {
        return discarded;
    }
}
