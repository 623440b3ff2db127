package io.kelp.oci.internal.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** One proxy for all hosts but those named; the machine itself is never reached through it. */
final class ProxyRules extends ProxySelector {

    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final List<Proxy> proxy;
    private final List<String> except;

    ProxyRules(URI proxy, List<String> except) {
        int port = proxy.getPort() >= 0 ? proxy.getPort() : "https".equals(proxy.getScheme()) ? 443 : 80;
        this.proxy = List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port)));
        this.except = except.stream().map(rule -> rule.toLowerCase(Locale.ROOT)).toList();
    }

    @Override
    public List<Proxy> select(URI target) {
        String host = target.getHost().toLowerCase(Locale.ROOT);
        boolean loopback = host.equals("localhost") || host.endsWith(".localhost") || host.startsWith("127.") || host.equals("[::1]");
        return loopback || except.stream().anyMatch(rule -> matches(rule, host, target.getPort())) ? DIRECT : proxy;
    }

    @Override
    public void connectFailed(URI target, SocketAddress address, IOException problem) {
        // The request fails and says so.
    }

    private static boolean matches(String rule, String host, int port) {
        if (rule.equals("*")) {
            return true;
        }
        if (rule.contains("/")) {
            return inNetwork(rule, host);
        }
        String name = rule;
        int colon = rule.lastIndexOf(':');
        if (colon > 0 && rule.indexOf(':') == colon) {
            if (!rule.substring(colon + 1).equals(Integer.toString(port))) {
                return false;
            }
            name = rule.substring(0, colon);
        }
        String suffix = name.startsWith("*.") ? name.substring(1) : name.startsWith(".") ? name : "." + name;
        return host.endsWith(suffix) || host.equals(name);
    }

    private static boolean inNetwork(String rule, String host) {
        int slash = rule.indexOf('/');
        long network = ipv4(rule.substring(0, slash));
        long address = ipv4(host);
        String bits = rule.substring(slash + 1);
        if (network < 0 || address < 0 || !bits.matches("[0-9]|[12][0-9]|3[0-2]")) {
            return false;
        }
        int shift = 32 - Integer.parseInt(bits);
        return network >> shift == address >> shift;
    }

    /** The number of an address with four parts; -1 for everything else. */
    private static long ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return -1;
        }
        long number = 0;
        for (String part : parts) {
            if (!part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
                return -1;
            }
            number = number << 8 | Integer.parseInt(part);
        }
        return number;
    }
}
