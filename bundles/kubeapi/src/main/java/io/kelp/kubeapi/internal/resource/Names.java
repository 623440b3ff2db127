package io.kelp.kubeapi.internal.resource;

import java.util.regex.Pattern;

/** The forms of names that Kubernetes knows (RFC 1123, RFC 1035), with its sentences. */
public final class Names {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int LABEL_LENGTH = 63;
    private static final int SUBDOMAIN_LENGTH = 253;

    private Names() {
    }

    /** @param prefix whether a random ending will follow, so that a dash at the end is good */
    public static String subdomainProblem(String name, boolean prefix) {
        String whole = complete(name, prefix);
        if (whole.length() > SUBDOMAIN_LENGTH) {
            return "must be no more than " + SUBDOMAIN_LENGTH + " characters";
        }
        return SUBDOMAIN.matcher(whole).matches() ? null
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end"
                + " with an alphanumeric character (e.g. 'example.com', regex used for validation is '" + SUBDOMAIN.pattern() + "')";
    }

    public static String labelProblem(String name, boolean prefix) {
        String whole = complete(name, prefix);
        if (whole.length() > LABEL_LENGTH) {
            return "must be no more than " + LABEL_LENGTH + " characters";
        }
        if (LABEL.matcher(whole).matches()) {
            return null;
        }
        return SUBDOMAIN.matcher(whole).matches() ? "must not contain dots"
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an"
                + " alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '" + LABEL.pattern() + "')";
    }

    private static String complete(String name, boolean prefix) {
        return prefix && name.endsWith("-") ? name.substring(0, name.length() - 1) + "a" : name;
    }
}
