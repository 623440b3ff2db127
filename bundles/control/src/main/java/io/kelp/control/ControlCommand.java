package io.kelp.control;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One subcommand of {@code kelp} that the running gateway answers, for example {@code device}.
 * Registered as a service; {@code kelp NAME ARG…} reaches the service whose {@link #name} is NAME.
 *
 * <p>Called on a thread of the control bundle, one call at a time per command, with a deadline
 * after which the caller is told that the command hangs.
 */
@ConsumerType
public interface ControlCommand {

    /** First word of the command, {@code [a-z]{1,32}}. */
    String name();

    /** Help: a line per form, as in {@code device get NAME     shows one device}. */
    List<String> usage();

    /**
     * Runs the command.
     *
     * @param arguments the words after the name, at most 64, each at most 4096 characters
     */
    Result run(List<String> arguments);

    /**
     * What the command says.
     *
     * @param exitCode 0 done; 1 refused or failed; 2 wrong usage; 3 no such object; 4 not reachable or not ready
     * @param lines text for the terminal; goes to standard error when the code is not 0
     */
    record Result(int exitCode, List<String> lines) {
        public Result {
            lines = List.copyOf(lines);
        }

        public static Result ok(String... lines) {
            return new Result(0, List.of(lines));
        }

        public static Result failed(int exitCode, String... lines) {
            return new Result(exitCode, List.of(lines));
        }
    }
}
