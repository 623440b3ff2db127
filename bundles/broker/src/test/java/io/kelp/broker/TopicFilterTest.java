package io.kelp.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    @ParameterizedTest
    @CsvSource({
        // MQTT 3.1.1, sections 4.7.1 and 4.7.2
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/ranking, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/tennis/player1/#, sport/tennis/player10, false",
        "sport/#, sport, true",
        "#, a, true",
        "#, /a, true",
        "sport/tennis/+, sport/tennis/player1, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "#, $SYS/a, false",
        "+/monitor/Clients, $SYS/monitor/Clients, false",
        "$SYS/#, $SYS/a, true",
        "$SYS/#, $SYS, true",
        "$SYS/monitor/+, $SYS/monitor/Clients, true",
        "a/$b/+, a/$b/c, true",
        "+/$b, a/$b, true",
        "ACCOUNTS, Accounts, false",
        "a//b, a//b, true",
        "a/+/b, a//b, true",
        "a, a/, false",
        "a/, a, false",
        "/, /, true",
        "+/, /, true",
        "+/+/#, a, false",
        "+/+/#, a/b, true",
        // the event bus, specification of devices, section 4.2
        "$hw/events/device/+/twin/+, $hw/events/device/d/twin/update, true",
        "$hw/events/device/+/twin/+, $hw/events/device/d/twin/update/result, false",
        "$hw/events/device/+/+/twin/+, $hw/events/device/default/d/twin/get, true",
        "+/user/#, app/user/x/y, true",
        "+/user/#, $hw/user/x, false",
    })
    void matchesAsTheSpecificationSays(String filter, String topic, boolean expected) {
        assertTrue(TopicFilter.isFilter(filter));
        assertTrue(TopicFilter.isName(topic));
        assertEquals(expected, TopicFilter.matches(filter, topic));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sport+", "+sport", "sport/tennis#", "#/a", "sport/#/ranking", "a/+b", "a/b+/c", "##", "++", "a\0b"})
    void refusesWhatIsNoFilter(String text) {
        assertFalse(TopicFilter.isFilter(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+", "#", "a+b", "a\0"})
    void refusesWhatIsNoName(String text) {
        assertFalse(TopicFilter.isName(text));
    }

    @Test
    void takesTopicsUpTo65535BytesOfUtf8() {
        assertTrue(TopicFilter.isName("ä".repeat(32_767) + "a"));
        assertFalse(TopicFilter.isName("ä".repeat(32_768)));
    }

    @Test
    void agreesWithAPlainImplementationOnRandomTexts() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            String filter = random(random, "ab+#/$");
            String topic = random(random, "ab/$");
            if (TopicFilter.isFilter(filter) && TopicFilter.isName(topic)) {
                assertEquals(plainly(filter, topic), TopicFilter.matches(filter, topic), filter + " on " + topic);
            }
        }
    }

    private static String random(Random random, String letters) {
        StringBuilder text = new StringBuilder();
        for (int n = 1 + random.nextInt(7); n > 0; n--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private static boolean plainly(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false;
        }
        String[] f = filter.split("/", -1);
        String[] t = topic.split("/", -1);
        for (int i = 0; i < f.length; i++) {
            if (f[i].equals("#")) {
                return true;
            }
            if (i >= t.length || !f[i].equals("+") && !f[i].equals(t[i])) {
                return false;
            }
        }
        return f.length == t.length;
    }
}
