package io.kelp.edgehub.internal;

import io.kelp.edgehub.internal.link.LinkSettings;
import java.time.Duration;

/**
 * What the hub is configured to do.
 *
 * @param cloud host, empty when the gateway has not joined
 * @param networkInterface name of the interface for the Node's address, empty for the one towards the cloud
 * @param certificateCheck how often to see whether the certificate must be renewed
 */
public record HubSettings(String cloud, int hubPort, int joinPort, String nodeName, String networkInterface,
        int maxMessageCharacters, Duration certificateCheck, LinkSettings link) {

    static HubSettings of(HubConfig config) {
        LinkSettings standard = LinkSettings.defaults();
        LinkSettings link = new LinkSettings(Duration.ofSeconds(config.heartbeatSeconds()),
                Duration.ofSeconds(config.pingSeconds()), Duration.ofSeconds(config.pongDeadlineSeconds()),
                Duration.ofSeconds(config.writeDeadlineSeconds()), Duration.ofSeconds(config.connectDeadlineSeconds()),
                Duration.ofMillis(config.helloWaitMillis()), standard.drainTime(), standard.firstRedial(),
                Duration.ofMillis(config.redialCapMillis()), config.outboxMessages(), config.outboxCharacters(),
                config.stockMessagesPerSecond(), config.stockBurst(), config.kelpMessagesPerSecond(), config.kelpBurst());
        return new HubSettings(config.cloud(), config.hubPort(), config.joinPort(), config.nodeName(),
                config.interface$(), config.maxMessageCharacters(),
                Duration.ofSeconds(config.certificateCheckSeconds()), link);
    }
}
