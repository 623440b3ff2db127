package io.kelp.oci.internal.registry;

import java.util.stream.Collectors;

/** Challenges for tests of other packages. */
public final class ChallengeAccess {

    private ChallengeAccess() {}

    /** Schemes found, in order. */
    public static String parse(String line) {
        return Challenge.parse(line).stream().map(Challenge::scheme).collect(Collectors.joining(" "));
    }
}
