package io.kelp.samples.twinhttp;

import io.kelp.runtime.osgi.ContainerCommand;
import io.kelp.runtime.osgi.PodContext;
import java.io.IOException;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code hello} in an exec probe, a lifecycle hook or {@code kubectl exec}. */
@Component
public final class Hello implements ContainerCommand {

    private final PodContext pod;

    @Activate
    public Hello(@Reference PodContext pod) {
        this.pod = pod;
    }

    @Override
    public String name() {
        return "hello";
    }

    @Override
    public int run(List<String> arguments, Appendable out) throws IOException {
        out.append("Hello ").append(arguments.isEmpty() ? "you" : String.join(" ", arguments)).append(", this is ")
                .append(pod.namespace()).append('/').append(pod.pod()).append('\n');
        return 0;
    }
}
