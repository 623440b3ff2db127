package io.kelp.runtime.osgi.internal.testbundles.service;

import io.kelp.runtime.osgi.ContainerCommand;
import io.kelp.runtime.osgi.PodContext;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Registers a service that tells which bundle it is, and commands that show what a bundle of a pod sees. */
public final class Activator implements BundleActivator {

    private BundleContext context;
    private PodContext pod;

    @Override
    public void start(BundleContext context) {
        this.context = context;
        this.pod = context.getService(context.getServiceReference(PodContext.class));
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("pod", pod.pod());
        context.registerService(Supplier.class, () -> context.getBundle().getSymbolicName() + " " + context.getBundle().getVersion(), properties);
        command("env", (arguments, out) -> out.append(pod.env().get(arguments.get(0))));
        command("args", (arguments, out) -> out.append(String.join(" ", pod.args())));
        command("path", (arguments, out) -> out.append(pod.path(arguments.get(0)).toString()));
        command("port", (arguments, out) -> out.append(pod.port(arguments.get(0)).toString()));
        command("group", (arguments, out) -> out.append(Thread.currentThread().getThreadGroup().getName()));
        command("bundles", (arguments, out) -> {
            TreeSet<String> names = new TreeSet<>();
            for (Bundle bundle : context.getBundles()) {
                names.add(bundle.getSymbolicName() + " " + bundle.getVersion());
            }
            out.append(names.toString());
        });
        command("services", (arguments, out) -> {
            TreeSet<String> found = new TreeSet<>();
            ServiceReference<?>[] all = context.getAllServiceReferences(arguments.isEmpty() ? null : arguments.get(0), null);
            for (ServiceReference<?> one : all == null ? new ServiceReference<?>[0] : all) {
                found.add(((String[]) one.getProperty("objectClass"))[0] + (one.getProperty("pod") == null ? "" : "@" + one.getProperty("pod")));
            }
            out.append(found.toString());
        });
        command("hang", (arguments, out) -> Thread.sleep(60_000));
        command("fail", (arguments, out) -> {
            throw new IllegalStateException("no luck");
        });
        command("exit", (arguments, out) -> pod.exit(Integer.parseInt(arguments.get(0))));
    }

    private interface Work {
        void run(List<String> arguments, Appendable out) throws Exception;
    }

    private void command(String name, Work work) {
        context.registerService(ContainerCommand.class, new ContainerCommand() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int run(List<String> arguments, Appendable out) throws Exception {
                work.run(arguments, out);
                return 0;
            }
        }, null);
    }

    @Override
    public void stop(BundleContext stopped) {
        // The framework takes the services back.
    }
}
