package io.kelp.devicetwin.internal;

import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Stored form of the reported value of one property: a short line, because it is written with each report.
 *
 * @param dirty whether the cloud has yet to confirm it
 * @param optional see {@link TwinState#optional}
 * @param type see {@link TwinState#type}
 * @param actual reported value and version
 */
record Reported(boolean dirty, boolean optional, String type, TwinSide actual) {

    private static final int FIELDS = 7;

    /** Name of the record of a property. No device name contains the separator. */
    static String key(String device, String property) {
        return device + "|" + property;
    }

    static final RecordCodec<Reported> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Reported r) {
            TwinSide a = r.actual;
            return ((r.dirty ? "1\t" : "0\t") + (r.optional ? "1\t" : "0\t") + r.type + '\t' + a.timestampMillis() + '\t'
                    + a.cloud() + '\t' + a.edge() + '\t' + (a.isSet() ? "=" + a.value() : "")).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Reported read(byte[] bytes) throws IOException {
            String[] f = new String(bytes, StandardCharsets.UTF_8).split("\t", FIELDS);
            try {
                return new Reported(f[0].equals("1"), f[1].equals("1"), f[2], new TwinSide(
                        f[6].isEmpty() ? null : f[6].substring(1), Long.parseLong(f[3]), Long.parseLong(f[4]), Long.parseLong(f[5])));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException("not a reported value", e);
            }
        }
    };
}
