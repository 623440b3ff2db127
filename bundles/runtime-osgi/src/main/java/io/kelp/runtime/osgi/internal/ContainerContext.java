package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.ContainerSpec.Port;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.PodContext;
import io.kelp.runtime.osgi.internal.process.CurrentContainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** What a container is told about itself. Immutable. */
final class ContainerContext implements PodContext, CurrentContainer.Grouped {

    private final ContainerSpec spec;
    private final Map<Integer, Integer> ports;
    private final Path root;
    private final ContainerGroup threads;
    private final Map<String, String> env;
    private final List<String> args;

    /**
     * @param ports number in the pod → number on the gateway
     * @param root folder for what is in no volume
     */
    ContainerContext(ContainerSpec spec, StoredImage image, Map<Integer, Integer> ports, Path root, ContainerGroup threads) {
        this.spec = spec;
        this.ports = Map.copyOf(ports);
        this.root = root;
        this.threads = threads;
        Map<String, String> all = new LinkedHashMap<>(image.env());
        boolean first = true;
        for (Port port : spec.ports()) {
            String number = String.valueOf(ports.get(port.number()));
            if (first && !port.protocol().equals("UDP")) {
                all.put("PORT", number);
                first = false;
            }
            all.put("PORT_" + (port.name().isEmpty() ? String.valueOf(port.number()) : port.name().toUpperCase(Locale.ROOT).replace('-', '_')), number);
        }
        all.putAll(spec.env());
        this.env = Collections.unmodifiableMap(all);
        List<String> words = new ArrayList<>(spec.command());
        if (words.isEmpty()) {
            words.addAll(image.entrypoint());
        }
        // A command of the pod makes the image's own arguments void (Kubernetes, "define a command").
        words.addAll(!spec.args().isEmpty() || !spec.command().isEmpty() ? spec.args() : image.cmd());
        this.args = List.copyOf(words);
    }

    @Override
    public String namespace() {
        return spec.pod().namespace();
    }

    @Override
    public String pod() {
        return spec.pod().name();
    }

    @Override
    public String uid() {
        return spec.pod().uid();
    }

    @Override
    public String container() {
        return spec.name();
    }

    @Override
    public Map<String, String> labels() {
        return spec.pod().labels();
    }

    @Override
    public Map<String, String> annotations() {
        return spec.pod().annotations();
    }

    @Override
    public Map<String, String> env() {
        return env;
    }

    @Override
    public List<String> args() {
        return args;
    }

    @Override
    public Path path(String containerPath) {
        Path path = Path.of(containerPath);
        if (!path.isAbsolute() || !path.equals(path.normalize())) {
            throw new IllegalArgumentException("\"" + containerPath + "\" is no path of a container; expected an absolute one without . and ..");
        }
        Mount best = null;
        for (Mount mount : spec.mounts()) {
            Path at = Path.of(mount.containerPath()).normalize();
            if (path.startsWith(at) && (best == null || at.getNameCount() > Path.of(best.containerPath()).normalize().getNameCount())) {
                best = mount;
            }
        }
        if (best == null) {
            return root.resolve(Path.of("/").relativize(path));
        }
        Path rest = Path.of(best.containerPath()).normalize().relativize(path);
        return rest.toString().isEmpty() ? best.hostPath() : best.hostPath().resolve(rest);
    }

    @Override
    public OptionalInt port(String name) {
        for (Port port : spec.ports()) {
            if (port.name().equals(name) && !name.isEmpty() || String.valueOf(port.number()).equals(name)) {
                return OptionalInt.of(ports.get(port.number()));
            }
        }
        return OptionalInt.empty();
    }

    @Override
    public String address() {
        return spec.pod().ip();
    }

    @Override
    public ContainerGroup group() {
        return threads;
    }

    @Override
    public void exit(int code) {
        threads.exit(code);
    }
}
