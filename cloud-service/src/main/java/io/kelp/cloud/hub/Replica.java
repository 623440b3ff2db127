package io.kelp.cloud.hub;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Names this process among the replicas of the cloud service. */
final class Replica {

    private static final int MAX_HOST = 40;
    private static final int RANDOM_BYTES = 4;

    private Replica() {}

    /** The machine's or pod's name and something that no other start has; fit for the name of a Kubernetes object. */
    static String name() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String host = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-")
                .replaceAll("^-+|-+$", "");
        String shortened = host.length() > MAX_HOST ? host.substring(0, MAX_HOST) : host;
        return (shortened.isEmpty() ? "cloud" : shortened) + "-" + HexFormat.of().formatHex(random);
    }
}
