package io.kelp.kubeapi.internal.types;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of images as registries know them: {@code host:port/path:tag@digest}. */
final class ImageName {

    private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final String HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    private static final Pattern NAME = Pattern.compile("(?:" + HOST + "/)?" + PART + "(?:/" + PART + ")*(?::(?<tag>\\w[\\w.-]{0,127}))?"
            + "(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

    private ImageName() {
    }

    /** Whether the image may be another one tomorrow: tagged {@code latest}, or with neither tag nor digest. */
    static boolean moves(String image) {
        Matcher m = NAME.matcher(image);
        if (!m.matches() || IDENTIFIER.matcher(image).matches()) {
            return false;
        }
        String tag = m.group("tag");
        return tag == null ? m.group("digest") == null : tag.equals("latest");
    }
}
