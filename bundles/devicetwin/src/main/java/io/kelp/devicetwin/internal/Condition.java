package io.kelp.devicetwin.internal;

import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Stored form of the state of a device.
 *
 * @param dirty whether the cloud has yet to confirm it
 * @param lastOnline see {@link DeviceState#lastOnline}
 * @param state for example {@code online}
 */
record Condition(boolean dirty, String lastOnline, String state) {

    private static final int FIELDS = 3;

    static final RecordCodec<Condition> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Condition c) {
            return ((c.dirty ? "1\t" : "0\t") + c.lastOnline + '\t' + c.state).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Condition read(byte[] bytes) throws IOException {
            String[] f = new String(bytes, StandardCharsets.UTF_8).split("\t", FIELDS);
            if (f.length != FIELDS) {
                throw new IOException("not a device state");
            }
            return new Condition(f[0].equals("1"), f[1], f[2]);
        }
    };
}
