package io.kelp.mapper.mqtt.simulator;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** What the command line says. */
record Options(String host, int port, String user, String password, long periodMillis, long seconds, List<String> json, List<String> sparkplug) {

    static final String HELP = """
            Devices for the MQTT mapper, simulated. They speak to a broker, by default to that of this gateway.

            java -jar mapper-mqtt-VERSION.jar [OPTION...]

              --broker tcp://HOST:PORT   broker (tcp://127.0.0.1:1883)
              --user NAME                user name there
              --password-file FILE       its password
              --json NAME[:COUNT]        presses NAME, or NAME-1 to NAME-COUNT, that tell their state as JSON on plant/NAME/state,
                                         take settings on plant/NAME/set and say on plant/NAME/status whether they are there
              --sparkplug GROUP/NODE/DEVICE   a press behind a Sparkplug B edge node
              --period MILLIS            how often they tell their state (1000)
              --seconds N                ends after this time; without it at the end of input
              --help

            Without --json and --sparkplug there is one press press-1. While it runs, a line of input makes a fault:

              NAME silent|speak|garbage|wrongtype|nan|offline|online|die|gap
                  die: vanishes as in a power cut, comes back with the line NAME back; gap (Sparkplug): loses sequence numbers
            """;

    /** @throws IllegalArgumentException that says which option is wrong */
    static Options of(String... arguments) throws IOException {
        String broker = "tcp://127.0.0.1:1883";
        String user = "";
        String password = "";
        long period = 1_000;
        long seconds = 0;
        List<String> json = new ArrayList<>();
        List<String> sparkplug = new ArrayList<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value, or is not known; see --help");
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--broker" -> broker = value;
                case "--user" -> user = value;
                case "--password-file" -> password = Files.readString(Path.of(value)).strip();
                case "--json" -> json.addAll(names(value));
                case "--sparkplug" -> sparkplug.add(value);
                case "--period" -> period = whole(arguments[i], value, 10, 3_600_000);
                case "--seconds" -> seconds = whole(arguments[i], value, 1, 1_000_000_000);
                default -> throw new IllegalArgumentException(arguments[i] + " is not known; see --help");
            }
        }
        URI uri = URI.create(broker);
        if (!"tcp".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("--broker " + broker + " is not tcp://HOST:PORT");
        }
        for (String node : sparkplug) {
            if (node.split("/").length != 3) {
                throw new IllegalArgumentException("--sparkplug " + node + " is not GROUP/NODE/DEVICE");
            }
        }
        if (json.isEmpty() && sparkplug.isEmpty()) {
            json.add("press-1");
        }
        return new Options(uri.getHost(), uri.getPort() < 0 ? 1883 : uri.getPort(), user, password, period, seconds, json, sparkplug);
    }

    private static List<String> names(String value) {
        int colon = value.indexOf(':');
        if (colon < 0) {
            return List.of(value);
        }
        List<String> names = new ArrayList<>();
        for (long i = 1; i <= whole("--json", value.substring(colon + 1), 1, 5_000); i++) {
            names.add(value.substring(0, colon) + "-" + i);
        }
        return names;
    }

    private static long whole(String option, String value, long least, long most) {
        if (value.matches("\\d{1,10}") && Long.parseLong(value) >= least && Long.parseLong(value) <= most) {
            return Long.parseLong(value);
        }
        throw new IllegalArgumentException(option + " " + value + " is not a whole number from " + least + " to " + most);
    }

    SmallClient connect(String clientId, SmallClient.Will will, BiConsumer<String, byte[]> messages) throws IOException {
        return new SmallClient(host, port, clientId, user, password, will, messages);
    }
}
