package io.kelp.mapper.mqtt.internal.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {

    /** The examples of MQTT 3.1.1, section 4.7, and their like. */
    @ParameterizedTest
    @CsvSource({"sport/tennis/player1/#,sport/tennis/player1,true", "sport/tennis/player1/#,sport/tennis/player1/ranking,true",
        "sport/tennis/player1/#,sport/tennis/player1/score/wimbledon,true", "sport/#,sport,true", "#,sport/tennis,true", "#,$SYS/x,false",
        "+/x,$SYS/x,false", "$SYS/#,$SYS/x,true", "sport/tennis/+,sport/tennis/player1,true", "sport/tennis/+,sport/tennis/player1/ranking,false",
        "sport/+,sport,false", "sport/+,sport/,true", "+,/finance,false", "+/+,/finance,true", "/+,/finance,true", "a/+/c,a/b/c,true", "a/+/c,a/b/d,false",
        "a/b,a/b,true", "a/b,a/b/c,false", "a/b/c,a/b,false", "a/b,a/bc,false", "a/+/#,a,false", "a/+/#,a/b,true", "a/+/#,a/b/c/d,true", "a//b,a//b,true",
        "a/+/b,a//b,true"})
    void matchesAsTheSpecificationSays(String filter, String topic, boolean matches) {
        assertEquals(matches, Topics.matches(filter, topic));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a#", "a/#/b", "a+", "+a/b", "", "a/b#"})
    void refusesWrongFilters(String filter) {
        assertEquals(false, Topics.wrongFilter(filter) == null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "a/+/#", "/", "a b/ö"})
    void takesRightFilters(String filter) {
        assertEquals(null, Topics.wrongFilter(filter));
    }
}
