package io.kelp.oci.internal.registry;

import io.kelp.oci.ImageReference;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.RegistrySettings;
import java.net.URI;
import java.util.Locale;

/** Which host a name means, and what may be sent there. */
final class Origins {

    private Origins() {}

    /** Root of the registry's API. */
    static URI base(RegistrySettings settings, String registry) {
        String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
        return URI.create((plain(settings, registry) ? "http://" : "https://") + host + "/v2/");
    }

    /** @param authority {@code host} or {@code host:port} */
    static boolean plain(RegistrySettings settings, String authority) {
        return settings.plainHttp().contains(authority) || settings.plainHttp().contains(host(authority));
    }

    static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.endsWith("]") ? authority : authority.substring(0, colon);
    }

    static boolean same(URI one, URI other) {
        return one.getScheme().equals(other.getScheme()) && one.getHost().equalsIgnoreCase(other.getHost()) && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    /** Whether credentials hold for an image: the rule of kubelet for keys of a docker configuration. */
    static boolean hold(RegistryCredentials credentials, ImageReference image) {
        String key = credentials.registry().replaceFirst("^https?://", "").replaceFirst("/(v1|v2)?/?$", "");
        int slash = key.indexOf('/');
        String host = (slash < 0 ? key : key.substring(0, slash)).toLowerCase(Locale.ROOT);
        String path = slash < 0 ? "" : key.substring(slash + 1);
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            host = "docker.io";
        }
        return hostMatches(host, image.registry().toLowerCase(Locale.ROOT))
                && (path.isEmpty() || image.repository().equals(path) || image.repository().startsWith(path + "/"));
    }

    private static boolean hostMatches(String pattern, String host) {
        String[] wanted = pattern.split("\\.", -1);
        String[] given = host.split("\\.", -1);
        if (wanted.length != given.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (!wanted[i].equals(given[i]) && !wanted[i].equals("*")) {
                return false;
            }
        }
        return true;
    }
}
