package io.kelp.kubeapi;

import java.util.List;
import java.util.Map;

/**
 * Who asks.
 *
 * @param uid empty when unknown
 * @param extra for example {@code authentication.kubernetes.io/credential-id}
 */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

    public User {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    public static User of(String name, String... groups) {
        return new User(name, "", List.of(groups), Map.of());
    }
}
