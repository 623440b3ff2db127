package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.eventbus.client.BrokerSockets;
import io.kelp.eventbus.client.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.Locale;

/**
 * A broker and how to log in there. Devices with the same address share a connection.
 *
 * @param url {@code tcp://host:port} or {@code ssl://host:port}
 * @param clientId empty for one made up
 * @param username empty for none
 * @param password empty for none; never logged
 * @param caFile PEM file, empty for the CAs of the Java runtime
 * @param certificateFile PEM file, empty for none
 * @param keyFile PEM file (PKCS #8), empty for none
 */
public record BrokerAddress(String url, String clientId, String username, String password, String caFile, String certificateFile, String keyFile) {

    /**
     * @return the address as the client library wants it
     * @throws IllegalArgumentException that says what an address looks like
     */
    public static String url(String written) {
        String text = written.contains("://") ? written : "tcp://" + written;
        try {
            URI uri = new URI(text);
            boolean tls = switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
                case "tcp", "mqtt" -> false;
                case "ssl", "tls", "mqtts" -> true;
                default -> throw new IllegalArgumentException(form());
            };
            boolean plain = uri.getUserInfo() == null && (uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/"))
                    && uri.getQuery() == null;
            if (uri.getHost() == null || !plain || uri.getPort() > 65_535 || uri.getPort() == 0) {
                throw new IllegalArgumentException(form());
            }
            int port = uri.getPort() < 0 ? tls ? 8883 : 1883 : uri.getPort();
            return (tls ? "ssl://" : "tcp://") + uri.getHost() + ":" + port;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(form(), e);
        }
    }

    private static String form() {
        return "the address of a broker: tcp://HOST:PORT or ssl://HOST:PORT";
    }

    public boolean tls() {
        return url.startsWith("ssl:");
    }

    BrokerSockets sockets(int mostBytes) throws IOException, GeneralSecurityException {
        return new BrokerSockets(tls() ? TlsFiles.sockets(caFile, certificateFile, keyFile) : null, mostBytes, "mostPacketBytes of io.kelp.mapper.mqtt");
    }

    @Override
    public String toString() {
        return username.isEmpty() ? url : username + " at " + url;
    }
}
