package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Stored form of the reported value of one property: a short line, because it is written with each report.
 *
 * @param dirty whether the cloud has yet to confirm it
 * @param optional see {@link TwinState#optional}
 * @param type see {@link TwinState#type}
 * @param actual reported value, version and remark
 */
record Reported(boolean dirty, boolean optional, String type, TwinSide actual) {

    private static final int FIELDS = 7;
    // Marks behind the first field.
    private static final char UNCERTAIN = 'u';
    private static final char BAD = 'b';
    private static final char LOCAL = 'l';
    /** Behind the value, after a tab that errors do not have, comes the error. */
    private static final char ERROR = 'e';

    /** Name of the record of a property. No device name contains the separator. */
    static String key(String device, String property) {
        return device + "|" + property;
    }

    static final RecordCodec<Reported> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Reported r) {
            TwinSide a = r.actual;
            Remark remark = a.remark();
            return ((r.dirty ? "1" : "0") + marks(remark) + '\t' + (r.optional ? "1\t" : "0\t") + r.type + '\t' + a.timestampMillis() + '\t'
                    + a.cloud() + '\t' + a.edge() + '\t' + (a.isSet() ? "=" + a.value() : "")
                    + (remark.error() == null ? "" : "\t" + remark.error())).getBytes(StandardCharsets.UTF_8);
        }

        private String marks(Remark remark) {
            if (remark.equals(Remark.NONE)) {
                return "";
            }
            String quality = switch (remark.quality()) {
                case GOOD -> "";
                case UNCERTAIN -> String.valueOf(UNCERTAIN);
                case BAD -> String.valueOf(BAD);
            };
            return quality + (remark.local() ? LOCAL : "") + (remark.error() == null ? "" : ERROR);
        }

        @Override
        public Reported read(byte[] bytes) throws IOException {
            String[] f = new String(bytes, StandardCharsets.UTF_8).split("\t", FIELDS);
            try {
                String value = f[6];
                boolean dirty = f[0].charAt(0) == '1';
                String error = null;
                if (f[0].indexOf(ERROR) > 0) {
                    int tab = value.lastIndexOf('\t');
                    error = value.substring(tab + 1);
                    value = value.substring(0, tab);
                }
                Quality quality = f[0].indexOf(BAD) > 0 ? Quality.BAD : f[0].indexOf(UNCERTAIN) > 0 ? Quality.UNCERTAIN : Quality.GOOD;
                // An error that is over needs no telling once the cloud knows.
                Remark remark = new Remark(quality, error != null && error.isEmpty() && !dirty ? null : error, f[0].indexOf(LOCAL) > 0);
                return new Reported(dirty, f[1].equals("1"), f[2], new TwinSide(value.isEmpty() ? null : value.substring(1),
                        Long.parseLong(f[3]), Long.parseLong(f[4]), Long.parseLong(f[5]), remark));
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw new IOException("not a reported value", e);
            }
        }
    };
}
