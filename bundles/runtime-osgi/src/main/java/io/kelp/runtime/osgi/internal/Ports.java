package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.Port;
import io.kelp.edged.WorkloadException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Ports of containers on the gateway, whose network all pods share: fixed ones are tried, others
 * are found. A container that is started again gets the number it had if that is still free.
 *
 * <p>Safe for use by several threads.
 */
final class Ports {

    private static final int TRIES = 50;
    /** More than a gateway has at a time. */
    private static final int REMEMBERED = 1024;

    private record Slot(String pod, String container, int number, String protocol) {}

    private record Taken(int number, String protocol) {}

    // Guarded by this.
    private final Map<Slot, Integer> last = new LinkedHashMap<>(16, 0.75f, true) { // also of containers that have ended
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Slot, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<Taken, ContainerSpec> taken = new HashMap<>();

    /**
     * @return number in the pod → number on the gateway
     * @throws WorkloadException {@code HostPortConflict} when a fixed one is in use
     */
    synchronized Map<Integer, Integer> take(ContainerSpec spec) throws WorkloadException {
        Map<Integer, Integer> ports = new LinkedHashMap<>();
        boolean all = false;
        try {
            for (Port port : spec.ports()) {
                int number = port.fixed() ? fixed(spec, port) : free(spec, port);
                taken.put(new Taken(number, port.protocol()), spec);
                ports.put(port.number(), number);
            }
            all = true;
            return ports;
        } finally {
            if (!all) {
                release(spec);
            }
        }
    }

    /** The container has ended. */
    synchronized void release(ContainerSpec spec) {
        taken.values().removeIf(s -> s == spec);
    }

    /** Forgets what this pod had. */
    synchronized void forget(String pod) {
        last.keySet().removeIf(slot -> slot.pod().equals(pod));
    }

    /** Forgets what other pods than these had. */
    synchronized void retain(Set<String> pods) {
        last.keySet().removeIf(slot -> !pods.contains(slot.pod()));
    }

    private int fixed(ContainerSpec spec, Port port) throws WorkloadException {
        ContainerSpec holder = taken.get(new Taken(port.number(), port.protocol()));
        if (holder == null && isFree(port.number(), port.protocol())) {
            return port.number();
        }
        throw new WorkloadException("HostPortConflict", "port " + port.number() + "/" + port.protocol() + ", which pod " + spec.pod()
                + " must have, is in use " + (holder == null ? "by another process of the gateway; end that or choose another port"
                        : "by pod " + holder.pod() + "; all pods share the gateway's network: a Deployment with a fixed port needs strategy rollingUpdate with maxSurge: 0, or leave the port open"));
    }

    private int free(ContainerSpec spec, Port port) throws WorkloadException {
        Slot slot = new Slot(spec.pod().uid(), spec.name(), port.number(), port.protocol());
        Integer before = last.get(slot);
        if (before != null && !taken.containsKey(new Taken(before, port.protocol())) && isFree(before, port.protocol())) {
            return before;
        }
        for (int i = 0; i < TRIES; i++) {
            int number = anyFree(port.protocol());
            if (number > 0 && !taken.containsKey(new Taken(number, port.protocol()))) {
                last.put(slot, number);
                return number;
            }
        }
        throw new WorkloadException("CreateContainerError", "no free port for port " + port.number() + " of pod " + spec.pod());
    }

    private static boolean isFree(int number, String protocol) {
        try {
            return bind(number, protocol) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree(String protocol) {
        try {
            return bind(0, protocol);
        } catch (IOException e) {
            return 0; // tried again
        }
    }

    private static int bind(int number, String protocol) throws IOException {
        if (protocol.equals("UDP")) {
            try (DatagramSocket socket = new DatagramSocket(null)) {
                socket.bind(new InetSocketAddress(number));
                return socket.getLocalPort();
            }
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // connections that are closing do not count
            socket.bind(new InetSocketAddress(number));
            return socket.getLocalPort();
        }
    }
}
