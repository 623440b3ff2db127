package io.kelp.broker.internal;

import io.kelp.broker.internal.net.ListenAddress;
import io.kelp.control.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Where to listen, as the configuration has it; what it must not have becomes a problem instead.
 *
 * @param listen main address first
 * @param refused why others are not served
 */
record Addresses(List<ListenAddress> listen, List<Problem> refused) {

    static Addresses of(BrokerConfig config) {
        List<ListenAddress> listen = new ArrayList<>();
        List<Problem> refused = new ArrayList<>();
        local(config, listen, refused);
        if (!config.tlsAddress().isBlank()) {
            remote(config, listen, refused);
        }
        return new Addresses(List.copyOf(listen), List.copyOf(refused));
    }

    private static void local(BrokerConfig config, List<ListenAddress> listen, List<Problem> refused) {
        try {
            InetAddress address = InetAddress.getByName(config.address());
            if (!address.isLoopbackAddress()) {
                refused.add(problem("address", "The MQTT broker does not serve " + config.address()
                                + ", because this is no loopback address and would be open to the network without TLS and password",
                        "Set address to 127.0.0.1; for clients elsewhere set tlsAddress, tlsCertificateFile, tlsKeyFile, username and .password"));
                return;
            }
            if (config.localPassword() && !hasCredentials(config)) {
                refused.add(problem("localPassword", "The MQTT broker serves nobody, because localPassword is on and there is no "
                                + "user name with a password of at least " + PasswordCheck.SHORTEST + " characters",
                        "Set username and .password, or localPassword to false"));
                return;
            }
            if (config.port() >= 0) {
                listen.add(new ListenAddress(address, config.port(), null, config.localPassword()));
            }
            if (config.secondPort() >= 0 && (config.secondPort() != config.port() || config.secondPort() == 0)) {
                listen.add(new ListenAddress(address, config.secondPort(), null, config.localPassword()));
            }
        } catch (UnknownHostException e) {
            refused.add(problem("address", "The MQTT broker cannot listen on \"" + config.address() + "\": no such address",
                    "Set address to 127.0.0.1"));
        }
    }

    private static void remote(BrokerConfig config, List<ListenAddress> listen, List<Problem> refused) {
        if (config.tlsCertificateFile().isBlank() || config.tlsKeyFile().isBlank() || !hasCredentials(config)) {
            refused.add(problem("tlsAddress", "The MQTT broker does not serve " + config.tlsAddress()
                            + ", because certificate, key, user name or a password of at least " + PasswordCheck.SHORTEST
                            + " characters is missing",
                    "Set tlsCertificateFile, tlsKeyFile, username and .password, or leave tlsAddress empty"));
            return;
        }
        try {
            SSLContext tls = PemContext.server(Path.of(config.tlsCertificateFile()), Path.of(config.tlsKeyFile()));
            listen.add(new ListenAddress(InetAddress.getByName(config.tlsAddress()), config.tlsPort(), tls, true));
        } catch (IOException | GeneralSecurityException e) {
            refused.add(problem("tlsAddress", "The MQTT broker does not serve " + config.tlsAddress() + ": " + reason(e),
                    "Correct tlsAddress, tlsCertificateFile or tlsKeyFile"));
        }
    }

    private static String reason(Exception e) {
        return e instanceof NoSuchFileException ? "no file " + e.getMessage()
                : e instanceof UnknownHostException ? "no such address" : e.getMessage();
    }

    private static boolean hasCredentials(BrokerConfig config) {
        return !config.username().isEmpty() && config._password().length() >= PasswordCheck.SHORTEST;
    }

    private static Problem problem(String key, String sentence, String remedy) {
        return new Problem("BROKER-ADDRESS", sentence, "io.kelp.broker/" + key, remedy, Instant.now());
    }
}
