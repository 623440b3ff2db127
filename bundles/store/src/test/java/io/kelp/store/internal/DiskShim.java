package io.kelp.store.internal;

import io.kelp.testkit.Needed;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts Java processes, on a troubled disk if wanted; see {@code src/test/c/disk_shim.c}. */
final class DiskShim {

    private final Path library;
    private final Path control;
    private final Path log;

    private DiskShim(Path library, Path control, Path log) {
        this.library = library;
        this.control = control;
        this.log = log;
    }

    static DiskShim build(Path folder, boolean recording) throws Exception {
        Path library = folder.resolve("disk_shim.so");
        Path source = Path.of("src/test/c/disk_shim.c").toAbsolutePath();
        Process compiler;
        try {
            compiler = new ProcessBuilder("gcc", "-O1", "-shared", "-fPIC", "-o", library.toString(),
                    source.toString(), "-ldl", "-lpthread").redirectErrorStream(true).start();
        } catch (IOException e) {
            Needed.program(false, "gcc");
            throw e;
        }
        String said = new String(compiler.getInputStream().readAllBytes());
        if (!compiler.waitFor(30, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            throw new AssertionError("gcc: " + said);
        }
        Path control = folder.resolve("control");
        Files.write(control, new byte[4096]);
        return new DiskShim(library, control, recording ? folder.resolve("oplog") : null);
    }

    Path log() {
        return log;
    }

    Path control() {
        return control;
    }

    /** {@code 'f'} full, {@code 'r'} read-only, {@code 'n'} normal. */
    static void mode(Path control, char mode) throws IOException {
        try (var file = new RandomAccessFile(control.toFile(), "rw")) {
            file.write(mode);
        }
    }

    void slowSync(int millis) throws IOException {
        try (var file = new RandomAccessFile(control.toFile(), "rw")) {
            file.seek(4);
            file.write(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(millis).array());
        }
    }

    /** Starts a main class of the tests that works below {@code watched}. */
    ProcessBuilder java(Path watched, Class<?> main, String... arguments) {
        ProcessBuilder builder = plainJava(main, arguments);
        builder.environment().put("LD_PRELOAD", library.toString());
        builder.environment().put("KELP_SHIM_DIR", watched.toString());
        builder.environment().put("KELP_SHIM_CONTROL", control.toString());
        if (log != null) {
            builder.environment().put("KELP_SHIM_LOG", log.toString());
        }
        return builder;
    }

    static ProcessBuilder plainJava(Class<?> main, String... arguments) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", classPath, main.getName()));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }
}
