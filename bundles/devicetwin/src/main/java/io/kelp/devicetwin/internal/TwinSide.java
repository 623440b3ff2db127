package io.kelp.devicetwin.internal;

import java.util.Objects;

/**
 * The expected or the actual side of a twin.
 *
 * @param value the value as text; {@code null} when there is none
 * @param timestampMillis when it was set or measured, Unix time
 * @param cloud version given by the cloud: the resourceVersion of the Device object, 0 when the cloud never set it
 * @param edge version given by the gateway: grows with each write on this side, 0 after a write by the cloud
 * @param remark what else is known of the value
 */
record TwinSide(String value, long timestampMillis, long cloud, long edge, Remark remark) {

    static final TwinSide NONE = new TwinSide(null, 0, 0, 0);

    TwinSide(String value, long timestampMillis, long cloud, long edge) {
        this(value, timestampMillis, cloud, edge, Remark.NONE);
    }

    // Written out, as in DeviceId: each report compares, and what a record makes by itself is slow without an optimising compiler.
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof TwinSide side && timestampMillis == side.timestampMillis && cloud == side.cloud && edge == side.edge
                && Objects.equals(value, side.value) && remark.equals(side.remark);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hashCode(value) + Long.hashCode(timestampMillis + 31 * edge);
    }

    boolean isSet() {
        return value != null;
    }

    /** Written on the gateway: the edge version grows; what was said of the old value does not hold for the new one, but for the error. */
    TwinSide writtenHere(String newValue, long nowMillis) {
        return new TwinSide(newValue, nowMillis, cloud, edge + 1, remark.error() == null ? Remark.NONE : Remark.NONE.withError(remark.error()));
    }

    /** As {@link #writtenHere(String, long)}, with what is known of the value. */
    TwinSide writtenHere(String newValue, long timeMillis, Remark newRemark) {
        return new TwinSide(newValue, timeMillis, cloud, edge + 1, newRemark);
    }

    /** The version goes on, so that whoever writes again is newer; a side never written stays as it is. */
    TwinSide deleted() {
        return isSet() ? new TwinSide(null, 0, cloud, edge + 1) : remark.equals(Remark.NONE) ? this : new TwinSide(null, 0, cloud, edge);
    }

    TwinSide withoutEmptyValue() {
        return isSet() && value.isEmpty() ? new TwinSide(null, 0, cloud, edge, remark) : this;
    }
}
