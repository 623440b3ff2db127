package io.kelp.kubeapi.internal.protobuf;

/** Bytes are not the message that they should be; the message is a sentence of Go's decoder where it has one. */
public final class MalformedProtobufException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String apiVersion;
    private final String kind;

    MalformedProtobufException(String message) {
        this(message, "", "");
    }

    private MalformedProtobufException(String message, String apiVersion, String kind) {
        super(message);
        this.apiVersion = apiVersion;
        this.kind = kind;
    }

    /** The same, told what the envelope said to be in it. */
    MalformedProtobufException in(String apiVersion, String kind) {
        MalformedProtobufException known = new MalformedProtobufException(getMessage(), apiVersion, kind);
        known.initCause(this);
        return known;
    }

    /** Of the object that could not be read; empty when not even the envelope could. */
    public String apiVersion() {
        return apiVersion;
    }

    /** Of the object that could not be read; empty when not even the envelope could. */
    public String kind() {
        return kind;
    }
}
