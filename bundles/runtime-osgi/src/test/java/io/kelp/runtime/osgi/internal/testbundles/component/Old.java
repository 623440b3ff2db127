package io.kelp.runtime.osgi.internal.testbundles.component;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import io.kelp.runtime.osgi.ContainerCommand;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ManagedService;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** A ManagedService without Declarative Services' help; command {@code old KEY} shows what it got. */
@Component(immediate = true)
public final class Old implements ContainerCommand, ManagedService {

    private volatile Dictionary<String, ?> last;

    @Activate
    public Old(BundleContext context) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("service.pid", "io.kelp.edgehub"); // a PID of the gateway, whose settings must not come here
        context.registerService(ManagedService.class, this, properties);
    }

    @Override
    public void updated(Dictionary<String, ?> properties) {
        last = properties;
    }

    @Override
    public String name() {
        return "old";
    }

    @Override
    public int run(List<String> arguments, Appendable out) throws Exception {
        out.append(last == null ? "not told" : String.valueOf(last.get(arguments.get(0))));
        return 0;
    }
}
