package io.kelp.edgehub.internal.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

    @Test
    void readsSecondsAndDatesAndIgnoresTheRest() {
        assertEquals(Duration.ofSeconds(7), JdkDialer.retryAfter("7"));
        assertEquals(Duration.ofSeconds(600), JdkDialer.retryAfter("99999999"));
        assertNull(JdkDialer.retryAfter("99999999999999"));
        assertNull(JdkDialer.retryAfter("-1"));
        assertNull(JdkDialer.retryAfter(""));
        assertNull(JdkDialer.retryAfter("soon"));
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().plusSeconds(30).atZone(ZoneOffset.UTC));
        long seconds = JdkDialer.retryAfter(date).toSeconds();
        assertTrue(seconds >= 28 && seconds <= 30, "seconds: " + seconds);
        assertEquals(Duration.ZERO, JdkDialer.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT"));
    }
}
