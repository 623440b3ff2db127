package io.kelp.eventbus.internal;

import io.kelp.eventbus.client.BrokerSockets;
import io.kelp.eventbus.client.TlsFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.client.mqttv3.MqttException;

/** Makes the connection to an external broker; loaded only when one is configured. */
final class Externals {

    private Externals() {}

    /** @throws IllegalArgumentException when the configuration cannot work; the message names the key at fault */
    static Backend open(EventBusConfig config, Dispatcher dispatcher) {
        String url = config.externalUrl();
        boolean secure = url.startsWith("ssl://");
        if (!secure && !url.startsWith("tcp://")) {
            throw new IllegalArgumentException("externalUrl \"" + url + "\" of io.kelp.eventbus cannot be used; allowed are tcp://HOST:PORT and ssl://HOST:PORT");
        }
        if (!secure && !(config.tlsCaFile().isBlank() && config.tlsCertificateFile().isBlank())) {
            throw new IllegalArgumentException("externalUrl \"" + url + "\" of io.kelp.eventbus is without TLS, but tlsCaFile or tlsCertificateFile is set; "
                    + "write ssl:// or take them out");
        }
        try {
            SSLSocketFactory tls = secure ? TlsFiles.sockets(config.tlsCaFile(), config.tlsCertificateFile(), config.tlsKeyFile()) : null;
            int mostBytes = (int) Math.min(Integer.MAX_VALUE, config.queueBytes()); // what is larger would not be handed round either
            return new ExternalBackend(config, new BrokerSockets(tls, mostBytes, "queueBytes of io.kelp.eventbus"), dispatcher);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("tlsCaFile, tlsCertificateFile or tlsKeyFile of io.kelp.eventbus cannot be used: " + e, e);
        } catch (MqttException e) {
            throw new IllegalArgumentException("externalUrl \"" + config.externalUrl()
                    + "\" of io.kelp.eventbus cannot be used: " + e.getMessage(), e);
        }
    }
}
