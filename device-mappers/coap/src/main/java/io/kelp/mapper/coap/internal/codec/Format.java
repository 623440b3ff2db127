package io.kelp.mapper.coap.internal.codec;

import java.util.Optional;

/** Payload formats and their numbers in the registry of CoAP content formats (RFC 7252 §12.3, RFC 8428 §12.3). */
public enum Format {
    TEXT("text", 0),
    OCTETS("octets", 42),
    JSON("json", 50),
    CBOR("cbor", 60),
    SENML_JSON("senml-json", 110),
    SENML_CBOR("senml-cbor", 112);

    private final String word;
    private final int number;

    Format(String word, int number) {
        this.word = word;
        this.number = number;
    }

    /** As in settings: {@code text}, {@code octets}, {@code json}, {@code cbor}, {@code senml-json}, {@code senml-cbor}. */
    public String word() {
        return word;
    }

    /** The content format number. */
    public int number() {
        return number;
    }

    /** The format of a content format number; SenSML and LwM2M's JSON and CBOR are taken as what they are based on. */
    public static Optional<Format> ofNumber(int number) {
        return Optional.ofNullable(switch (number) {
            case 0 -> TEXT;
            case 42 -> OCTETS;
            case 50, 51, 52 -> JSON; // JSON, JSON patch, merge patch
            case 60, 63 -> CBOR; // CBOR, CBOR sequence of one
            case 110, 111 -> SENML_JSON;
            case 112, 113 -> SENML_CBOR;
            default -> null;
        });
    }
}
