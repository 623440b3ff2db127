package io.kelp.kubeapi.internal.types;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** Times as Kubernetes writes them: RFC 3339 in UTC, with seconds or with microseconds. */
final class Times {

    private static final DateTimeFormatter MICRO = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Pattern FORM = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");

    private static final Pattern SIX_DIGITS = Pattern.compile("[^.]*\\.\\d{6}\\D.*");

    private Times() {
    }

    /** @throws DateTimeException when the text is no time */
    static String seconds(String text) {
        return read(text).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** @throws DateTimeException when the text is no time with exactly six digits behind the second */
    static String micro(String text) {
        if (!SIX_DIGITS.matcher(text).matches()) {
            throw new DateTimeException(text);
        }
        return MICRO.format(read(text));
    }

    static Instant read(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new DateTimeException(text);
        }
        int fraction = text.indexOf('.');
        String short9 = text;
        if (fraction > 0) {
            int end = fraction + 1;
            while (Character.isDigit(text.charAt(end))) {
                end++;
            }
            short9 = text.substring(0, Math.min(end, fraction + 10)) + text.substring(end);
        }
        return OffsetDateTime.parse(short9).toInstant();
    }

    /** What Go says about a text that is no time. */
    static String problem(String text, boolean micro) {
        String layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
        String[] parts = {"2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", micro ? ".000000" : "", "Z07:00"};
        String[] forms = {"\\d{4}", "-", "\\d\\d", "-", "\\d\\d", "T", "\\d\\d?", ":", "\\d\\d", ":", "\\d\\d", micro ? "\\.\\d{6}" : "(\\.\\d+)?",
            "Z|[+-]\\d\\d:\\d\\d"};
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            var matcher = Pattern.compile(forms[i]).matcher(text).region(at, text.length());
            if (!matcher.lookingAt()) {
                return "parsing time " + quoted(text) + " as \"" + layout + "\": cannot parse " + quoted(text.substring(at)) + " as \"" + parts[i] + "\"";
            }
            at = matcher.end();
        }
        return "parsing time " + quoted(text) + ": " + (at < text.length() ? "extra text: " + quoted(text.substring(at)) : range(text) + " out of range");
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b < ' ') { // also what is not ASCII
                quoted.append(String.format("\\x%02x", b));
            } else {
                quoted.append(b == '"' || b == '\\' ? "\\" : "").append((char) b);
            }
        }
        return quoted.append('"').toString();
    }

    private static String range(String text) {
        int month = Integer.parseInt(text.substring(5, 7));
        int hour = Integer.parseInt(text.substring(11, 13));
        int minute = Integer.parseInt(text.substring(14, 16));
        int second = Integer.parseInt(text.substring(17, 19));
        if (month < 1 || month > 12) {
            return "month";
        }
        return hour > 23 ? "hour" : minute > 59 ? "minute" : second > 59 ? "second" : "day";
    }
}
