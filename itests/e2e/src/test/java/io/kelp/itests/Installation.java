package io.kelp.itests;

import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One real control plane for the whole test run, and one cloud service on it; test classes take
 * them as constructor parameters. With {@code -Dkelp.api=standalone} it is one cloud service that brings the
 * Kubernetes API itself. Each test makes its own gateways and devices, under names of their own.
 */
public final class Installation implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(Installation.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == ControlPlane.class || type == CloudProcess.class || type == Gateways.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == ControlPlane.class) {
            return controlPlane(context);
        }
        return type == CloudProcess.class ? cloud(context) : new Gateways(cloud(context));
    }

    /** Whether the cloud service brings the API: then nothing can be done to the one without the other. */
    static boolean isStandalone() {
        return System.getProperty("kelp.api", "real").equals("standalone");
    }

    private static ControlPlane controlPlane(ExtensionContext context) {
        if (isStandalone()) {
            return ControlPlane.of(cloud(context));
        }
        return context.getRoot().getStore(NAMESPACE)
                .getOrComputeIfAbsent(Shared.class, k -> new Shared(ControlPlane.start(work().resolve("control-plane"))), Shared.class)
                .controlPlane;
    }

    private static CloudProcess cloud(ExtensionContext context) {
        if (isStandalone()) {
            return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(SharedCloud.class,
                    k -> new SharedCloud(CloudProcess.standalone(work().resolve("cloud")).start()), SharedCloud.class).cloud;
        }
        ControlPlane plane = controlPlane(context);
        return context.getRoot().getStore(NAMESPACE)
                .getOrComputeIfAbsent(SharedCloud.class,
                        k -> new SharedCloud(new CloudProcess(work().resolve("cloud"), plane.kubeconfig()).start()), SharedCloud.class)
                .cloud;
    }

    /** Where this run of the tests keeps its processes' files; never the folder of an earlier run. */
    static Path work() {
        return Path.of(System.getProperty("kelp.work", "target/work"), "run-" + ProcessHandle.current().pid());
    }

    private record Shared(ControlPlane controlPlane) implements ExtensionContext.Store.CloseableResource {
        @Override
        public void close() {
            controlPlane.close();
        }
    }

    private record SharedCloud(CloudProcess cloud) implements ExtensionContext.Store.CloseableResource {
        @Override
        public void close() {
            cloud.close();
        }
    }

    /** Makes gateways under fresh names. */
    record Gateways(CloudProcess cloud) {

        private static final AtomicInteger COUNT = new AtomicInteger();

        /** A gateway that has joined; not started. */
        GatewayProcess joined(String prefix) {
            return join(fresh(prefix));
        }

        /** As {@link #joined}, under a name that nobody else uses. */
        GatewayProcess named(String node) {
            return join(new GatewayProcess(work().resolve(node), node));
        }

        GatewayProcess join(GatewayProcess gateway) {
            return gateway.join(cloud);
        }

        GatewayProcess fresh(String prefix) {
            String node = prefix + "-" + COUNT.incrementAndGet();
            return new GatewayProcess(work().resolve(node), node);
        }
    }
}
