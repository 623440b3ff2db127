package io.kelp.edgehub.internal;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the address that the Node shows. Safe for use by several threads. */
final class NodeAddress {

    private static final Logger LOG = LoggerFactory.getLogger(NodeAddress.class);

    private final String networkInterface;
    private volatile String towardsCloud = "";

    /** @param networkInterface its name, empty for the one towards the cloud */
    NodeAddress(String networkInterface) {
        this.networkInterface = networkInterface;
    }

    /** Looks up the route to the cloud; may wait for a name server. Sends nothing. */
    void lookTowards(String host, int port) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port));
            InetAddress local = socket.getLocalAddress();
            if (!local.isAnyLocalAddress()) {
                towardsCloud = local.getHostAddress();
            }
        } catch (IOException e) {
            LOG.debug("No route to {} now: {}", host, e.getMessage());
        }
    }

    String get() {
        try {
            if (!networkInterface.isEmpty()) {
                NetworkInterface chosen = NetworkInterface.getByName(networkInterface);
                String address = chosen == null ? "" : best(Collections.list(chosen.getInetAddresses()));
                if (!address.isEmpty()) {
                    return address;
                }
            }
            if (!towardsCloud.isEmpty()) {
                return towardsCloud;
            }
            List<InetAddress> all = new ArrayList<>();
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (each.isUp() && !each.isLoopback()) {
                    all.addAll(Collections.list(each.getInetAddresses()));
                }
            }
            String address = best(all);
            return address.isEmpty() ? "127.0.0.1" : address;
        } catch (SocketException e) {
            LOG.debug("The interfaces cannot be listed: {}", e.getMessage());
            return "127.0.0.1";
        }
    }

    /** The first IPv4 address, else the first usable IPv6 address, else nothing. */
    private static String best(List<InetAddress> addresses) {
        String other = "";
        for (InetAddress address : addresses) {
            if (address instanceof Inet4Address) {
                return address.getHostAddress();
            }
            if (other.isEmpty() && !address.isLinkLocalAddress()) {
                other = address.getHostAddress().replaceAll("%.*", "");
            }
        }
        return other;
    }
}
