package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.PodContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;

/** A container for tests. */
record TestContext(Map<String, String> env, List<String> args, IntConsumer exits) implements PodContext {

    @Override
    public String namespace() {
        return "test";
    }

    @Override
    public String pod() {
        return "pod";
    }

    @Override
    public String uid() {
        return "uid";
    }

    @Override
    public String container() {
        return "main";
    }

    @Override
    public Map<String, String> labels() {
        return Map.of();
    }

    @Override
    public Map<String, String> annotations() {
        return Map.of();
    }

    @Override
    public Path path(String containerPath) {
        return Path.of(containerPath);
    }

    @Override
    public OptionalInt port(String name) {
        return OptionalInt.empty();
    }

    @Override
    public String address() {
        return "127.0.0.1";
    }

    @Override
    public void exit(int code) {
        exits.accept(code);
    }
}
