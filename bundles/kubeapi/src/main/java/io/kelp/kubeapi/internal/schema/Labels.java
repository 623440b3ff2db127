package io.kelp.kubeapi.internal.schema;

import java.util.regex.Pattern;

/** Names as the labels of DNS begin with a letter (RFC 1035): plurals, kinds and versions. */
public final class Labels {

    private static final Pattern FORM = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final int LONGEST = 63;

    private Labels() {
    }

    /** The sentence of the error, {@code null} when the name is good. */
    public static String problem(String name) {
        if (!FORM.matcher(name).matches()) {
            return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an"
                    + " alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '" + FORM.pattern() + "')";
        }
        return name.length() > LONGEST ? "must be no more than " + LONGEST + " bytes" : null;
    }
}
