package io.kelp.eventbus.internal;

import java.io.IOException;
import java.security.GeneralSecurityException;
import org.eclipse.paho.client.mqttv3.MqttException;

/** Makes the connection to an external broker; loaded only when one is configured. */
final class Externals {

    private Externals() {}

    /** @throws IllegalArgumentException when the configuration cannot work; the message names the key at fault */
    static Backend open(EventBusConfig config, Dispatcher dispatcher) {
        try {
            return new ExternalBackend(config,
                    TlsFiles.sockets(config.tlsCaFile(), config.tlsCertificateFile(), config.tlsKeyFile()), dispatcher);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("tlsCaFile, tlsCertificateFile or tlsKeyFile of io.kelp.eventbus cannot be used: " + e, e);
        } catch (MqttException e) {
            throw new IllegalArgumentException("externalUrl \"" + config.externalUrl()
                    + "\" of io.kelp.eventbus cannot be used: " + e.getMessage(), e);
        }
    }
}
