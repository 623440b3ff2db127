package io.kelp.broker.internal.net;

import java.net.InetAddress;
import javax.net.ssl.SSLContext;

/**
 * Where clients are served.
 *
 * @param port 0 for any free one
 * @param tls null for plain TCP, which is for loopback alone
 * @param credentialsNeeded whether user name and password are asked for
 */
public record ListenAddress(InetAddress address, int port, SSLContext tls, boolean credentialsNeeded) {

    public ListenAddress {
        if (!address.isLoopbackAddress() && (tls == null || !credentialsNeeded)) {
            throw new IllegalArgumentException(address.getHostAddress() + " is no loopback address: TLS and password are needed");
        }
    }

    @Override
    public String toString() {
        return address.getHostAddress() + ":" + port;
    }
}
