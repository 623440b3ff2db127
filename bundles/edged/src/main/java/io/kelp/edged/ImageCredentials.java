package io.kelp.edged;

/**
 * Credentials for images whose registry and repository begin with {@code registry}.
 *
 * @param registry as a key of {@code auths} in a docker configuration, for example {@code registry.example.com:5000/team}
 * @param username may be empty when there is an identity token
 * @param password secret
 * @param identityToken secret, an OAuth2 refresh token; empty if there is none
 */
public record ImageCredentials(String registry, String username, String password, String identityToken) {

    /** Without the secrets. */
    @Override
    public String toString() {
        return "credentials of " + username + " for " + registry;
    }
}
