package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import java.util.List;

/**
 * A decoded request body.
 *
 * @param duplicates paths of members that were given twice, {@code data.x}; the last one counts
 * @param places where they are in the text, {@code line 3: key "x"}; only of YAML
 */
record Body(JsonElement tree, List<String> duplicates, List<String> places) {

    /** Deeper trees are refused. */
    static final int MAX_DEPTH = 256;

    /** More duplicates than these are not told. */
    static final int MAX_DUPLICATES = 100;

    /** It is no JSON or YAML; the message names the place. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }
}
