package io.kelp.oci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of an image as containers have it (distribution reference grammar): {@code [registry/]repository[:tag][@digest]}.
 *
 * @param registry host with optional port; {@code docker.io} when the text names none
 * @param repository path in the registry; {@code library/} is put before a single word at {@code docker.io}
 * @param tag {@code latest} when the text has neither tag nor digest; empty when it has a digest only
 * @param digest {@code sha256:…}, empty when there is none; goes before the tag
 */
public record ImageReference(String registry, String repository, String tag, String digest) {

    private static final String HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?";
    private static final String WORD = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern TEXT = Pattern.compile("(" + HOST + ")/(" + WORD + "(?:/" + WORD + ")*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");
    private static final int MAX_LENGTH = 512;

    /** @throws IllegalArgumentException when it is no reference; the message says what was expected */
    public static ImageReference parse(String text) {
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost") || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
        Matcher match = TEXT.matcher(host ? text : "docker.io/" + text);
        if (text.length() > MAX_LENGTH || !match.matches()) {
            throw new IllegalArgumentException("\"" + text.substring(0, Math.min(text.length(), 100))
                    + "\" is no image reference; expected [registry/]repository[:tag][@sha256:digest] in lower case");
        }
        String digest = match.group(4) == null ? "" : match.group(4);
        String tag = match.group(3) != null ? match.group(3) : digest.isEmpty() ? "latest" : "";
        String repository = match.group(2);
        if (match.group(1).equals("docker.io") && !repository.contains("/")) {
            repository = "library/" + repository;
        }
        return new ImageReference(match.group(1), repository, tag, digest);
    }

    /** Without tag and digest. */
    public String name() {
        return registry + "/" + repository;
    }

    @Override
    public String toString() {
        return name() + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }
}
