package io.kelp.oci;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How registries are reached.
 *
 * @param plainHttp registries ({@code host} or {@code host:port}) spoken to without TLS; there are no others, not even loopback
 * @param authorities PEM file with certificates of authorities trusted besides the machine's; {@code null} for none
 * @param proxy for example {@code http://user:password@proxy:3128}; {@code null} for a direct connection
 * @param noProxy hosts reached without the proxy: names, {@code .suffix}, addresses, IPv4 networks ({@code 10.0.0.0/8}) or {@code *}
 * @param connectTimeout for a connection
 * @param readTimeout the longest silence in an answer
 * @param imageTimeout for one image from beginning to end
 */
public record RegistrySettings(Set<String> plainHttp, Path authorities, URI proxy, List<String> noProxy,
        Duration connectTimeout, Duration readTimeout, Duration imageTimeout) {

    public RegistrySettings {
        plainHttp = Set.copyOf(plainHttp);
        noProxy = List.copyOf(noProxy);
    }

    /** TLS everywhere, no proxy; 10 s, 30 s and 30 minutes. */
    public static RegistrySettings defaults() {
        return new RegistrySettings(Set.of(), null, null, List.of(), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(30));
    }

    public RegistrySettings withPlainHttp(Set<String> registries) {
        return new RegistrySettings(registries, authorities, proxy, noProxy, connectTimeout, readTimeout, imageTimeout);
    }

    /** @param file may be {@code null} */
    public RegistrySettings withAuthorities(Path file) {
        return new RegistrySettings(plainHttp, file, proxy, noProxy, connectTimeout, readTimeout, imageTimeout);
    }

    /** @param address may be {@code null} */
    public RegistrySettings withProxy(URI address, List<String> except) {
        return new RegistrySettings(plainHttp, authorities, address, except, connectTimeout, readTimeout, imageTimeout);
    }

    public RegistrySettings withTimeouts(Duration connect, Duration read, Duration image) {
        return new RegistrySettings(plainHttp, authorities, proxy, noProxy, connect, read, image);
    }

    /**
     * With the proxy of {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} (also in lower case), as curl and containerd read them.
     *
     * @throws IllegalArgumentException when the proxy is no URI; the message does not show it, it may hold a password
     */
    public RegistrySettings withProxyOf(Map<String, String> environment) {
        String address = first(environment, "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy");
        if (address.isEmpty()) {
            return this;
        }
        String except = first(environment, "NO_PROXY", "no_proxy");
        List<String> hosts = except.isEmpty() ? List.of() : List.of(except.strip().split("[,\\s]+"));
        try {
            return withProxy(new URI(address.contains("://") ? address : "http://" + address), hosts);
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException("HTTPS_PROXY is no URI; expected http://[user:password@]host:port");
        }
    }

    private static String first(Map<String, String> environment, String... names) {
        for (String name : names) {
            String value = environment.getOrDefault(name, "").strip();
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    /** Without what the proxy's address may hold. */
    @Override
    public String toString() {
        return "RegistrySettings[plainHttp=" + plainHttp + ", authorities=" + authorities + ", proxy=" + (proxy == null ? "none" : proxy.getHost())
                + ", noProxy=" + noProxy + "]";
    }
}
