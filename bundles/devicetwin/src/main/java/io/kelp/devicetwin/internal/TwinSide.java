package io.kelp.devicetwin.internal;

/**
 * The expected or the actual side of a twin.
 *
 * @param value the value as text; {@code null} when there is none
 * @param timestampMillis when it was set, Unix time
 * @param cloud version given by the cloud: the resourceVersion of the Device object, 0 when the cloud never set it
 * @param edge version given by the gateway: grows with each write on this side, 0 after a write by the cloud
 */
record TwinSide(String value, long timestampMillis, long cloud, long edge) {

    static final TwinSide NONE = new TwinSide(null, 0, 0, 0);

    boolean isSet() {
        return value != null;
    }

    /** Written on the gateway: the edge version grows. */
    TwinSide writtenHere(String newValue, long nowMillis) {
        return new TwinSide(newValue, nowMillis, cloud, edge + 1);
    }

    /** The version goes on, so that whoever writes again is newer; a side never written stays as it is. */
    TwinSide deleted() {
        return isSet() ? new TwinSide(null, 0, cloud, edge + 1) : this;
    }

    TwinSide withoutEmptyValue() {
        return isSet() && value.isEmpty() ? new TwinSide(null, 0, cloud, edge) : this;
    }
}
