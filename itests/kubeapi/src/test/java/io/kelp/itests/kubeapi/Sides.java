package io.kelp.itests.kubeapi;

import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The real control plane and a standalone cloud service from its zip, started once for the whole run; test classes take
 * them as constructor parameter.
 *
 * <p>By hand: {@code -Dkelp.compare.real=KUBECONFIG} and {@code -Dkelp.compare.ours=KUBECONFIG} name servers that run
 * already. With the same kubeconfig for both a server is compared with itself, which shows whether the comparison is fair.
 */
public final class Sides implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Sides.class);

    /** Both servers. */
    record Pair(Side real, Side ours) {

        boolean areTheSame() {
            return real.server().equals(ours.server());
        }

        List<Side> both() {
            return List.of(real, ours);
        }

        /** What both answer to the same; asked at the same time, unless they are one server. */
        <T> List<T> ask(Function<Side, T> question) {
            if (areTheSame()) {
                return List.of(question.apply(real), question.apply(ours));
            }
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                List<Future<T>> answers = new ArrayList<>();
                both().forEach(side -> answers.add(threads.submit(() -> question.apply(side))));
                return List.of(result(answers.get(0)), result(answers.get(1)));
            } finally {
                threads.shutdownNow();
            }
        }

        private static <T> T result(Future<T> future) {
            try {
                return future.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof AssertionError known ? known : new AssertionError(e.getCause());
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Pair.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Running.class, k -> Running.start(), Running.class).pair;
    }

    /** Where this module's tests write. */
    static Path work() {
        return Path.of(System.getProperty("kelp.work", "target/work")).toAbsolutePath();
    }

    private record Running(Pair pair, List<AutoCloseable> started) implements ExtensionContext.Store.CloseableResource {

        static Running start() {
            List<AutoCloseable> started = new ArrayList<>();
            String realGiven = System.getProperty("kelp.compare.real");
            String oursGiven = System.getProperty("kelp.compare.ours");
            Path real;
            if (realGiven == null) {
                ControlPlane plane = ControlPlane.start(work().resolve("control-plane"));
                started.add(plane);
                real = plane.kubeconfig();
            } else {
                real = Path.of(realGiven);
            }
            Path ours;
            if (oursGiven == null) {
                CloudProcess cloud = CloudProcess.standalone(work().resolve("cloud"));
                started.add(cloud);
                ours = cloud.start().kubeconfig();
            } else {
                ours = Path.of(oursGiven);
            }
            return new Running(new Pair(Side.of("real", work().resolve("real"), real), Side.of("ours", work().resolve("ours"), ours)), started);
        }

        @Override
        public void close() throws Exception {
            pair.real().close();
            pair.ours().close();
            for (AutoCloseable each : started) {
                each.close();
            }
        }
    }
}
