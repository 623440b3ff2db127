package io.kelp.runtime.osgi.internal.testbundles.component;

import io.kelp.runtime.osgi.ContainerCommand;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;

/** Shows its properties: command {@code show KEY}. */
@Component(configurationPid = "com.example.greeter", immediate = true)
public final class Greeter implements ContainerCommand {

    private volatile Map<String, Object> properties;
    private volatile int modified;

    @Activate
    public Greeter(Map<String, Object> properties) {
        this.properties = new TreeMap<>(properties);
    }

    @Modified
    void modified(Map<String, Object> now) {
        properties = new TreeMap<>(now);
        modified++;
    }

    @Override
    public String name() {
        return "show";
    }

    @Override
    public int run(List<String> arguments, Appendable out) throws Exception {
        Object value = properties.get(arguments.get(0));
        out.append(value == null ? "nothing" : value.getClass().getSimpleName() + " " + value).append(", modified ").append(String.valueOf(modified));
        return 0;
    }
}
