package io.kelp.mapper.internal;

import java.io.IOException;

/** A device cannot be asked yet: it or its mapper is just coming or changing. Nothing was done, asking again may help. */
final class NotReadyException extends IOException {

    private static final long serialVersionUID = 1L;

    NotReadyException(String sentence) {
        super(sentence);
    }
}
