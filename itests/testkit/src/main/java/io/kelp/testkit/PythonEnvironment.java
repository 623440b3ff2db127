package io.kelp.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A Python package of others that a test runs beside ours, in an environment of its own below the module's build folder. */
public final class PythonEnvironment {

    private static final Duration ASK = Duration.ofSeconds(60);
    private static final Duration INSTALL = Duration.ofSeconds(240);

    private PythonEnvironment() {}

    /**
     * Installs it if it is not there yet. Where that does not work the test counts as one without its peer, see {@link Needed}.
     *
     * @param module what a program imports; the environment's folder is named after it
     * @param version fixed, for the tests say the same on every machine
     * @return the Python that has it
     */
    public static synchronized Path with(String module, String version) {
        Path environment = Path.of("target", module).toAbsolutePath();
        Path python = environment.resolve("bin/python");
        if (!Files.isExecutable(python) || !imports(python, module, version)) {
            String why = run("python3", "-m", "venv", environment.toString());
            if (why.isEmpty()) {
                why = run(environment.resolve("bin/pip").toString(), "install", "-q", "--disable-pip-version-check", module + "==" + version);
            }
            Needed.program(why.isEmpty(), module + " " + version + " (Debian: python3-venv, and a package index of Python; " + why + ")");
        }
        return python;
    }

    private static boolean imports(Path python, String module, String version) {
        return Shell.run(ASK, Path.of("").toAbsolutePath(), Map.of(), List.of(python.toString(), "-c",
                "import " + module + ", importlib.metadata as m; exit(m.version('" + module + "') != '" + version + "')")).exitCode() == 0;
    }

    /** @return why it did not work; empty: it did */
    private static String run(String... command) {
        try {
            Files.createDirectories(Path.of("target"));
            Shell.Output output = Shell.run(INSTALL, Path.of("target").toAbsolutePath(), Map.of(), List.of(command));
            return output.exitCode() == 0 ? "" : (output.err() + output.out()).lines().reduce((first, last) -> last).orElse("exit code " + output.exitCode());
        } catch (UncheckedIOException e) {
            return e.getMessage(); // there is no such program
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
