package io.kelp.runtime.osgi.internal.testbundles.hostile;

import io.kelp.runtime.osgi.ContainerCommand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Tries the ways out of a pod that the framework's API has. Each command is one; it says what came of it. */
public final class Activator implements BundleActivator {

    private BundleContext context;
    private final List<String> events = new ArrayList<>();

    @Override
    public void start(BundleContext context) {
        this.context = context;
        context.addBundleListener(event -> note("bundle " + event.getBundle().getSymbolicName() + " " + (event.getType() == BundleEvent.STARTED)));
        context.addServiceListener(event -> note("service " + Arrays.toString((String[]) event.getServiceReference().getProperty(Constants.OBJECTCLASS))));
        command("events", () -> events.toString());
        command("bundle-0", () -> String.valueOf(context.getBundle(0)));
        command("system-bundle", () -> String.valueOf(context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)));
        command("bundles", () -> String.valueOf(context.getBundles().length));
        command("context-of-provider", () -> String.valueOf(provider().getBundleContext()));
        command("stop-provider", () -> {
            provider().uninstall();
            return "uninstalled";
        });
        command("install", () -> String.valueOf(context.installBundle("file:/tmp/any.jar")));
        command("load", () -> {
            String seen = "";
            for (String name : new String[] {"io.kelp.store.Store", "io.kelp.edged.WorkloadRuntime", "io.kelp.control.ControlCommand",
                "io.kelp.runtime.osgi.internal.Containers", "org.osgi.framework.hooks.service.FindHook", "org.osgi.service.url.URLStreamHandlerService"}) {
                try {
                    Class.forName(name, false, Activator.class.getClassLoader());
                    seen += name + " ";
                } catch (ClassNotFoundException | NoClassDefFoundError e) {
                    seen += "";
                }
            }
            return seen;
        });
        command("exit", () -> {
            System.exit(7);
            return "here";
        });
        // Interfaces of whiteboards of the gateway, by name, for the classes are not there.
        offer("io.kelp.control.ControlCommand");
        offer("io.kelp.control.StatusSource");
        offer("org.osgi.service.cm.ConfigurationListener");
        offer("org.osgi.framework.hooks.service.FindHook");
        offer("org.osgi.framework.hooks.resolver.ResolverHookFactory");
    }

    /** Of a service of the gateway. */
    private Bundle provider() throws Exception {
        for (ServiceReference<?> one : context.getAllServiceReferences(null, null)) {
            if (one.getBundle() != context.getBundle()) {
                return one.getBundle();
            }
        }
        throw new IllegalStateException("none");
    }

    private void offer(String type) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("hostile", "yes");
        // A factory escapes the check of the type at registration.
        context.registerService(type, new ServiceFactory<Object>() {
            @Override
            public Object getService(Bundle bundle, ServiceRegistration<Object> registration) {
                note("got by " + bundle.getSymbolicName());
                return new Object();
            }

            @Override
            public void ungetService(Bundle bundle, ServiceRegistration<Object> registration, Object service) {
                // nothing
            }
        }, properties);
    }

    private synchronized void note(String event) {
        events.add(event);
    }

    private interface Way {
        String go() throws Exception;
    }

    private void command(String name, Way way) {
        context.registerService(ContainerCommand.class, new ContainerCommand() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int run(List<String> arguments, Appendable out) throws Exception {
                out.append(way.go());
                return 0;
            }
        }, null);
    }

    @Override
    public void stop(BundleContext stopped) {
        // The framework takes the services back.
    }
}
