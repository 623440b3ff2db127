package io.kelp.mapper.internal;

import java.io.IOException;

/** A call was not answered within its deadline; whether the device has done what it was asked is unknown. */
final class CallTimeoutException extends IOException {

    private static final long serialVersionUID = 1L;

    CallTimeoutException(String sentence) {
        super(sentence);
    }
}
