package io.kelp.oci;

/**
 * Who one is at a registry.
 *
 * @param registry host, port and leading parts of repositories for which they hold, for example {@code registry.example.com:5000/team}
 * @param password secret
 * @param identityToken secret, an OAuth2 refresh token; empty if there is none
 */
public record RegistryCredentials(String registry, String username, String password, String identityToken) {

    /** Without the secrets. */
    @Override
    public String toString() {
        return "credentials of " + username + " for " + registry;
    }
}
