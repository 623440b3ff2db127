package io.kelp.edgehub.internal.join;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a join was asked to do.
 *
 * @param networkInterface name of the interface whose address becomes the Node's, empty for the one towards the cloud
 */
record JoinOptions(String cloud, int hubPort, int joinPort, Token token, String node, String networkInterface) {

    static final List<String> HELP = List.of(
            "usage: kelp join --cloud HOST --token TOKEN [--hub-port P] [--join-port P] [--node NAME] [--interface NIC]",
            "",
            "  --cloud HOST      name or address of the cloud service, as its certificate has it",
            "  --token TOKEN     what \"kelp-cloud token\" or \"keadm gettoken\" prints; - reads it from standard",
            "                    input and @FILE from a file, so that it does not show in the list of processes",
            "  --hub-port P      port of the message channel, 10000 by default",
            "  --join-port P     port for certificates, 10002 by default",
            "  --node NAME       name of the Kubernetes Node, the host name by default",
            "  --interface NIC   network interface whose address the Node gets, for example eth0",
            "",
            "exit codes: 0 joined, 2 wrong usage, 3 joined already, 4 cloud not reachable, 5 wrong CA,",
            "            6 token refused, 7 certificate refused, 8 files not writable");

    private static final Pattern NODE = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:%_\\[\\]-]{1,255}");
    private static final Set<String> NAMES =
            Set.of("--cloud", "--hub-port", "--join-port", "--token", "--node", "--interface");

    static JoinOptions parse(List<String> arguments, BufferedReader input) throws JoinException {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String name = arguments.get(i);
            int equals = name.indexOf('=');
            String value = null;
            if (name.startsWith("--") && equals > 0) {
                value = name.substring(equals + 1);
                name = name.substring(0, equals);
            } else if (i + 1 < arguments.size()) {
                value = arguments.get(++i);
            }
            if (!NAMES.contains(name)) {
                throw JoinException.usage("unknown option " + name);
            }
            if (value == null || value.isEmpty()) {
                throw JoinException.usage("option " + name + " needs a value");
            }
            if (given.put(name, value) != null) {
                throw JoinException.usage("option " + name + " is given twice");
            }
        }
        String cloud = required(given, "--cloud");
        if (!HOST.matcher(cloud).matches()) {
            throw JoinException.usage("--cloud " + cloud + " is no host name or address; give it without scheme and port");
        }
        String node = given.containsKey("--node") ? given.get("--node") : hostName();
        requireNodeName(node);
        return new JoinOptions(cloud, port(given, "--hub-port", 10000), port(given, "--join-port", 10002),
                Token.parse(token(required(given, "--token"), input)), node, given.getOrDefault("--interface", ""));
    }

    private static String required(Map<String, String> given, String name) throws JoinException {
        String value = given.get(name);
        if (value == null) {
            throw JoinException.usage("option " + name + " is missing");
        }
        return value;
    }

    private static int port(Map<String, String> given, String name, int standard) throws JoinException {
        String value = given.get(name);
        if (value == null) {
            return standard;
        }
        if (value.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(value);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw JoinException.usage(name + " " + value + " is no port; it must be 1 to 65535");
    }

    private static String token(String value, BufferedReader input) throws JoinException {
        try {
            if (value.equals("-")) {
                String line = input.readLine();
                return line == null ? "" : line.strip();
            }
            return value.startsWith("@")
                    ? Files.readString(Path.of(value.substring(1)), StandardCharsets.US_ASCII).strip()
                    : value;
        } catch (IOException e) {
            throw JoinException.usage("the token cannot be read from " + value + ": " + e.getMessage());
        }
    }

    /** Kubernetes node names are DNS subdomains (RFC 1123), labels of at most 63 characters. */
    static void requireNodeName(String node) throws JoinException {
        boolean good = node.length() <= 253 && NODE.matcher(node).matches();
        for (String label : node.split("\\.", -1)) {
            good &= label.length() <= 63 && LABEL.matcher(label).matches();
        }
        if (!good) {
            throw JoinException.usage("\"" + node + "\" cannot be the name of a Node; give one with --node that has only"
                    + " small letters, digits, hyphens and dots, and begins and ends with a letter or digit");
        }
    }

    private static String hostName() throws JoinException {
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys/kernel/hostname"))) {
            byte[] name = new byte[256]; // such files give all they have to the first read, which must be large enough
            return new String(name, 0, Math.max(0, in.read(name)), StandardCharsets.US_ASCII).strip().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw JoinException.usage("the host name cannot be read (" + e.getMessage() + "); give a name with --node");
        }
    }
}
