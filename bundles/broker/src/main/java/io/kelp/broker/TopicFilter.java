package io.kelp.broker;

import java.nio.charset.StandardCharsets;

/** The rules for topic names and topic filters (MQTT 3.1.1, section 4.7). Stateless. */
public final class TopicFilter {

    private static final int MAX_BYTES = 65_535;

    private TopicFilter() {}

    /** Whether the text can be published to: not empty, at most 65 535 bytes in UTF-8, no wildcard, no NUL. */
    public static boolean isName(String text) {
        return isText(text) && text.indexOf('+') < 0 && text.indexOf('#') < 0;
    }

    /** Whether the text can be subscribed to: {@code +} and {@code #} alone in their level, {@code #} only as the last one. */
    public static boolean isFilter(String text) {
        if (!isText(text)) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean begins = i == 0 || text.charAt(i - 1) == '/';
            boolean ends = i == text.length() - 1 || (c == '+' && text.charAt(i + 1) == '/');
            if (!begins || !ends) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a message to {@code topic} is for subscribers of {@code filter}. A filter that begins
     * with a wildcard does not match a topic that begins with {@code $} (section 4.7.2).
     *
     * @param filter valid by {@link #isFilter}
     * @param topic valid by {@link #isName}
     */
    public static boolean matches(String filter, String topic) {
        if (topic.charAt(0) == '$' && (filter.charAt(0) == '+' || filter.charAt(0) == '#')) {
            return false;
        }
        int f = 0;
        int t = 0;
        while (true) {
            if (f < filter.length() && filter.charAt(f) == '#') {
                return true;
            }
            int filterEnd = levelEnd(filter, f);
            int topicEnd = levelEnd(topic, t);
            boolean any = filterEnd == f + 1 && filter.charAt(f) == '+';
            if (!any && (filterEnd - f != topicEnd - t || !filter.regionMatches(f, topic, t, filterEnd - f))) {
                return false;
            }
            if (topicEnd == topic.length()) {
                return filterEnd == filter.length() || filter.startsWith("/#", filterEnd);
            }
            if (filterEnd == filter.length()) {
                return false;
            }
            f = filterEnd + 1;
            t = topicEnd + 1;
        }
    }

    /** Number of levels, 1 or more. */
    public static int levels(String text) {
        int levels = 1;
        for (int i = text.indexOf('/'); i >= 0; i = text.indexOf('/', i + 1)) {
            levels++;
        }
        return levels;
    }

    private static int levelEnd(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }

    private static boolean isText(String text) {
        if (text.isEmpty() || text.length() > MAX_BYTES || text.indexOf('\0') >= 0) {
            return false;
        }
        // Three bytes per char is the most that UTF-8 takes; only long texts need counting.
        return text.length() <= MAX_BYTES / 3 || text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }
}
