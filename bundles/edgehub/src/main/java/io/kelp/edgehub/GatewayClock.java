package io.kelp.edgehub;

import java.time.Instant;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The best time known to the gateway, for what others judge by time: leases, status, certificates.
 *
 * <p>Gateways without a battery-backed clock start in 1970, others run years ahead. Once the
 * authenticated cloud has said the time, this clock goes by it; before, by the gateway's own clock
 * unless that is certainly wrong. Safe for use by several threads; does not block.
 */
@ProviderType
public interface GatewayClock {

    /** Now. May jump once, when the cloud first tells the time. */
    Instant now();
}
