package io.kelp.kubeapi.internal.types;

import java.util.regex.Pattern;

/** Whether a text is an IP address or a range of them; never asks a name server. */
final class Addresses {

    private static final Pattern FOUR = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");
    private static final int GROUPS = 8;

    private Addresses() {
    }

    static boolean isAddress(String text) {
        return isFour(text) || isSix(text);
    }

    static boolean isRange(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !isAddress(text.substring(0, slash)) || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        int most = text.indexOf(':') >= 0 ? 128 : 32;
        return Integer.parseInt(text.substring(slash + 1)) <= most;
    }

    private static boolean isFour(String text) {
        var parts = FOUR.matcher(text);
        if (!parts.matches()) {
            return false;
        }
        for (int i = 1; i <= parts.groupCount(); i++) {
            if (Integer.parseInt(parts.group(i)) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSix(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        if (gap < 0) {
            return groups(text) == GROUPS;
        }
        int before = groups(text.substring(0, gap));
        int after = groups(text.substring(gap + 2));
        return before >= 0 && after >= 0 && before + after < GROUPS;
    }

    /** @return how many groups of 16 bits, -1 when there is something else */
    private static int groups(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        String[] parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && isFour(parts[i])) {
                count += 2;
            } else if (GROUP.matcher(parts[i]).matches()) {
                count++;
            } else {
                return -1;
            }
        }
        return count;
    }
}
