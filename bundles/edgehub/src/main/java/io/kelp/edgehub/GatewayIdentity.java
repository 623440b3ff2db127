package io.kelp.edgehub;

import org.osgi.annotation.versioning.ProviderType;

/** Who this gateway is: the node its certificate names. Present from start on, link or not. */
@ProviderType
public interface GatewayIdentity {

    /** Name of the Kubernetes Node. */
    String nodeName();

    /** Address for the Node's {@code InternalIP}: of the interface chosen at join, else of the route to the cloud. */
    String nodeAddress();
}
