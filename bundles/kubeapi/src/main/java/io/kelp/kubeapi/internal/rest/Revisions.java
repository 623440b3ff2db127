package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import java.util.function.Function;

/** {@code resourceVersion} as clients write it. */
final class Revisions {

    private Revisions() {
    }

    /** @param refusal makes the error out of what is wrong */
    static long parse(String text, Function<String, ApiException> refusal) throws ApiException {
        if (text.isEmpty()) {
            return 0;
        }
        if (!text.matches("[0-9]+")) {
            throw refusal.apply("strconv.ParseUint: parsing " + MetadataRules.quoted(text) + ": invalid syntax");
        }
        if (text.length() > 18) {
            throw refusal.apply("strconv.ParseUint: parsing " + MetadataRules.quoted(text) + ": value out of range");
        }
        return Long.parseLong(text);
    }
}
