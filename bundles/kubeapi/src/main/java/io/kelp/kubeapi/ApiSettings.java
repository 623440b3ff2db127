package io.kelp.kubeapi;

import java.security.KeyPair;
import java.time.Duration;
import java.util.Map;

/**
 * How an API server presents itself and whom it believes.
 *
 * @param gitVersion what {@code /version} says, for example {@code v1.34.4+kelp}
 * @param tokenKeys sign and verify tokens of service accounts: RSA (RS256) or EC P-256 (ES256)
 * @param issuer {@code iss} and the default audience of those tokens
 * @param clusterCa PEM of the CA behind the server's own certificate; published as {@code kube-root-ca.crt} in each namespace, empty for none
 * @param tokens static bearer tokens, for example of the administrator
 * @param historyLife how long old versions can be listed and watched from; Kubernetes: 5 min
 * @param eventLife how long Events are kept; Kubernetes: 1 h
 */
public record ApiSettings(String gitVersion, KeyPair tokenKeys, String issuer, String clusterCa, Map<String, User> tokens,
        Duration historyLife, Duration eventLife) {

    public ApiSettings {
        tokens = Map.copyOf(tokens);
    }

    /** Hides keys and tokens. */
    @Override
    public String toString() {
        return "ApiSettings[" + gitVersion + ", issuer " + issuer + ", " + tokens.size() + " tokens]";
    }
}
