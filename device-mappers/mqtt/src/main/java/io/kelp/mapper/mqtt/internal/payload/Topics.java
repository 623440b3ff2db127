package io.kelp.mapper.mqtt.internal.payload;

import java.nio.charset.StandardCharsets;

/** Topic names and topic filters (MQTT 3.1.1, section 4.7). */
public final class Topics {

    private static final int LONGEST = 65_535;

    private Topics() {}

    public static boolean hasWildcard(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    /** @return what is wrong with a topic filter, {@code null} when nothing is */
    public static String wrongFilter(String filter) {
        String wrong = wrongText(filter);
        if (wrong != null) {
            return wrong;
        }
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            boolean lone = levels[i].length() == 1;
            if (levels[i].indexOf('+') >= 0 && !lone) {
                return "a topic filter with + alone between slashes";
            }
            if (levels[i].indexOf('#') >= 0 && (!lone || i < levels.length - 1)) {
                return "a topic filter with # alone after the last slash";
            }
        }
        return null;
    }

    /** @return what is wrong with a topic to publish to, {@code null} when nothing is */
    public static String wrongName(String topic) {
        return hasWildcard(topic) ? "a topic without + and #" : wrongText(topic);
    }

    private static String wrongText(String topic) {
        if (topic.isEmpty() || topic.indexOf('\0') >= 0 || topic.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            return "a topic of 1 to " + LONGEST + " bytes";
        }
        return null;
    }

    public static boolean matches(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false; // [MQTT-4.7.2-1]
        }
        int f = 0;
        int t = 0;
        while (true) {
            int filterEnd = end(filter, f);
            if (filterEnd == f + 1 && filter.charAt(f) == '#') {
                return true;
            }
            int topicEnd = end(topic, t);
            boolean any = filterEnd == f + 1 && filter.charAt(f) == '+';
            if (!any && (filterEnd - f != topicEnd - t || !filter.regionMatches(f, topic, t, topicEnd - t))) {
                return false;
            }
            if (filterEnd == filter.length() || topicEnd == topic.length()) {
                // "a/#" matches "a", too
                return filterEnd == filter.length() ? topicEnd == topic.length() : filter.startsWith("/#", filterEnd) && filterEnd + 2 == filter.length();
            }
            f = filterEnd + 1;
            t = topicEnd + 1;
        }
    }

    private static int end(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }
}
