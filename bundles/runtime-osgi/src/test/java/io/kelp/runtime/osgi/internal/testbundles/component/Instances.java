package io.kelp.runtime.osgi.internal.testbundles.component;

import io.kelp.runtime.osgi.ContainerCommand;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** There is one per file {@code com.example.instance~NAME.json}; each is a command named by its property {@code command}. */
@Component(configurationPid = "com.example.instance", configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class Instances implements ContainerCommand {

    private final Map<String, Object> properties;

    @Activate
    public Instances(Map<String, Object> properties) {
        this.properties = Map.copyOf(properties);
    }

    @Override
    public String name() {
        return String.valueOf(properties.get("command"));
    }

    @Override
    public int run(List<String> arguments, Appendable out) throws Exception {
        out.append(String.valueOf(properties.get("service.pid"))).append(" ").append(String.valueOf(properties.get("GREETING")));
        return 0;
    }
}
