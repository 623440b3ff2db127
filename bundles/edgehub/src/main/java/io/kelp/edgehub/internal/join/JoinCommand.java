package io.kelp.edgehub.internal.join;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * {@code kelp join}: makes this gateway a node of a cloud. A plain program without OSGi.
 *
 * <p>Reads the system properties {@code kelp.etc} and {@code kelp.data}, or {@code kelp.home} that has both inside.
 */
public final class JoinCommand {

    private JoinCommand() {}

    public static void main(String[] arguments) {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.exit(run(List.of(arguments), input, System.out, System.err, InstantSource.system()));
    }

    /** Runs the command; returns the exit code. */
    static int run(List<String> arguments, BufferedReader input, PrintStream out, PrintStream err, InstantSource clock) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            JoinOptions.HELP.forEach(out::println);
            return 0;
        }
        try {
            Path etc = directory("kelp.etc", "etc");
            Path data = directory("kelp.data", "data");
            new Join(etc, data, clock, out::println).run(JoinOptions.parse(arguments, input));
            return 0;
        } catch (JoinException e) {
            err.println("kelp join: " + e.getMessage());
            if (e.exitCode() == JoinException.USAGE) {
                err.println("\"kelp join --help\" shows the options.");
            }
            return e.exitCode();
        }
    }

    private static Path directory(String property, String name) throws JoinException {
        String value = System.getProperty(property);
        if (value != null && !value.isBlank()) {
            return Path.of(value);
        }
        String home = System.getProperty("kelp.home");
        if (home == null || home.isBlank()) {
            throw JoinException.usage("neither " + property + " nor kelp.home is set; start this program with bin/kelp");
        }
        return Path.of(home).resolve(name);
    }
}
