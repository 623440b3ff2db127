package io.kelp.kubeapi.internal.types;

import io.kelp.kubeapi.internal.resource.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Forms that texts in built-in kinds must have, with Kubernetes' sentences; an empty list means that a text is good. */
final class Formats {

    private static final String QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final Pattern QUALIFIED_NAME = Pattern.compile(QUALIFIED);
    private static final String QUALIFIED_PROBLEM = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
            + " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '" + QUALIFIED + "')";
    private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern PORT_NAME = Pattern.compile("[-a-z0-9]+");
    private static final Pattern LETTER = Pattern.compile("[a-z]");
    private static final int SUBDOMAIN_LENGTH = 253;
    private static final int LABEL_LENGTH = 63;
    private static final int PORT_NAME_LENGTH = 15;
    private static final int MAX_PORT = 65_535;

    private Formats() {
    }

    static List<String> subdomain(String text) {
        return single(Names.subdomainProblem(text, false));
    }

    static List<String> label(String text) {
        return single(Names.labelProblem(text, false));
    }

    /** RFC 1035: like a label, but beginning with a letter. */
    static List<String> label1035(String text) {
        return DNS_1035.matcher(text).matches() ? text.length() > LABEL_LENGTH ? List.of(tooLong(LABEL_LENGTH)) : List.of()
                : List.of("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an"
                + " alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '" + DNS_1035.pattern() + "')");
    }

    /** Of labels, resources, finalizers …: a name, maybe behind a domain and a slash. */
    static List<String> qualifiedName(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            return List.of("a qualified name " + QUALIFIED_PROBLEM + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        }
        List<String> problems = new ArrayList<>();
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                problems.add("prefix part must be non-empty");
            } else {
                subdomain(parts[0]).forEach(problem -> problems.add("prefix part " + problem));
            }
        }
        String name = parts[parts.length - 1];
        if (name.isEmpty()) {
            problems.add("name part must be non-empty");
        } else if (name.length() > LABEL_LENGTH) {
            problems.add("name part " + tooLong(LABEL_LENGTH));
        }
        if (!QUALIFIED_NAME.matcher(name).matches()) {
            problems.add("name part " + QUALIFIED_PROBLEM);
        }
        return problems;
    }

    static List<String> labelValue(String text) {
        List<String> problems = new ArrayList<>();
        if (text.length() > LABEL_LENGTH) {
            problems.add(tooLong(LABEL_LENGTH));
        }
        if (!text.isEmpty() && !QUALIFIED_NAME.matcher(text).matches()) {
            problems.add("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                    + " alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(" + QUALIFIED + ")?')");
        }
        return problems;
    }

    /** Of config maps and secrets. */
    static List<String> key(String text) {
        List<String> problems = new ArrayList<>();
        if (text.length() > SUBDOMAIN_LENGTH) {
            problems.add(tooLong(SUBDOMAIN_LENGTH));
        }
        if (!KEY.matcher(text).matches()) {
            problems.add("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name',"
                    + " regex used for validation is '" + KEY.pattern() + "')");
        }
        if (text.equals(".") || text.equals("..")) {
            problems.add("must not be '" + text + "'");
        } else if (text.startsWith("..")) {
            problems.add("must not start with '..'");
        }
        return problems;
    }

    static List<String> environmentName(String text) {
        if (text.isEmpty()) {
            return List.of("environment variable name must be non-empty");
        }
        boolean good = text.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '=');
        return good ? List.of() : List.of("a valid environment variable name must consist only of printable ASCII characters other than '='");
    }

    static List<String> portName(String text) {
        List<String> problems = new ArrayList<>();
        if (text.length() > PORT_NAME_LENGTH) {
            problems.add(tooLong(PORT_NAME_LENGTH));
        }
        if (!PORT_NAME.matcher(text).matches()) {
            problems.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (!LETTER.matcher(text).find()) {
            problems.add("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) {
            problems.add("must not contain consecutive hyphens");
        }
        if (text.startsWith("-") || text.endsWith("-")) {
            problems.add("must not begin or end with a hyphen");
        }
        return problems;
    }

    static List<String> portNumber(long port) {
        return port >= 1 && port <= MAX_PORT ? List.of() : List.of("must be between 1 and " + MAX_PORT + ", inclusive");
    }

    /** Of RBAC objects: anything that can stand in a path. */
    static String pathSegmentProblem(String name, boolean prefix) {
        if (!prefix && (name.equals(".") || name.equals(".."))) {
            return "may not be '" + name + "'";
        }
        return name.contains("/") ? "may not contain '/'" : name.contains("%") ? "may not contain '%'" : null;
    }

    private static List<String> single(String problem) {
        return problem == null ? List.of() : List.of(problem);
    }

    private static String tooLong(int length) {
        return "must be no more than " + length + " characters";
    }
}
