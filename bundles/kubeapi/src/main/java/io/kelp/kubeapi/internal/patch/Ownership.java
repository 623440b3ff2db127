package io.kelp.kubeapi.internal.patch;

/**
 * What a manager owns.
 *
 * @param apiVersion in which the fields are named
 * @param time RFC 3339 when it last changed, {@code null} when unknown
 */
record Ownership(FieldSet fields, String apiVersion, String time) {

    Ownership with(FieldSet other) {
        return new Ownership(other, apiVersion, time);
    }

    Ownership at(String now) {
        return new Ownership(fields, apiVersion, now);
    }
}
