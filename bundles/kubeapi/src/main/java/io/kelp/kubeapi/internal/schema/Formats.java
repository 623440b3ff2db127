package io.kelp.kubeapi.internal.schema;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** String formats that an API server of 1.34 checks in custom resources; others are accepted with a warning. */
final class Formats {

    // None of these can backtrack without bound: no nested repetition.
    private static final Pattern DATE_TIME = Pattern.compile(
            "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern GO_DURATION = Pattern.compile("[+-]?((\\d++\\.?\\d*+|\\.\\d++)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))++|[+-]?0");
    private static final Pattern WORD_DURATION = Pattern.compile(
            "(\\d+)\\s*(ns|nano|us|\u00b5s|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week)s?.*", Pattern.DOTALL);
    private static final Pattern BYTE = Pattern.compile("(?=.)([A-Za-z0-9+/]{4})*+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern MAC = Pattern.compile(
            "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}:){7}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}:){19}[0-9A-Fa-f]{2}"
            + "|([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}-){7}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}-){19}[0-9A-Fa-f]{2}"
            + "|([0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}|([0-9A-Fa-f]{4}\\.){3}[0-9A-Fa-f]{4}|([0-9A-Fa-f]{4}\\.){9}[0-9A-Fa-f]{4}");
    private static final String HEX4 = "[0-9a-fA-F]{4}";
    private static final String HOST_SIGN = "[a-zA-Z0-9\\p{S}\\p{L}]";
    private static final Pattern HOST = Pattern.compile(HOST_SIGN + "(-?" + HOST_SIGN + "{0,62})?|(" + HOST_SIGN + "([a-zA-Z0-9\\p{S}\\p{L}-]{0,61}"
            + HOST_SIGN + ")?\\.)++[a-zA-Z]{2,63}");
    private static final int LONGEST_HOST = 255;
    private static final Pattern EMAIL = Pattern.compile("(?:[^<>]*<)?[^\\s@<>\"(),:;\\[\\]]+@[^\\s@<>\"(),:;\\[\\]]+>?");

    private static final Map<String, Predicate<String>> ALL = Map.ofEntries(
            Map.entry("date-time", Formats::isDateTime), Map.entry("datetime", Formats::isDateTime),
            Map.entry("date", Formats::isDate), Map.entry("duration", Formats::isDuration),
            Map.entry("byte", text -> BYTE.matcher(text).matches()), Map.entry("password", text -> true),
            Map.entry("ipv4", Formats::isIpv4), Map.entry("ipv6", Formats::isIpv6), Map.entry("cidr", Formats::isCidr),
            Map.entry("mac", text -> MAC.matcher(text).matches()), Map.entry("uuid", uuid("[0-9a-fA-F]", "[0-9a-fA-F]")),
            Map.entry("uuid3", uuid("3", "[0-9a-fA-F]")), Map.entry("uuid4", uuid("4", "[89abAB]")), Map.entry("uuid5", uuid("5", "[89abAB]")),
            Map.entry("uri", Formats::isUri), Map.entry("email", text -> EMAIL.matcher(text).matches()),
            Map.entry("hostname", text -> text.length() <= LONGEST_HOST && HOST.matcher(text).matches()),
            Map.entry("hexcolor", form("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")), Map.entry("rgbcolor", form(
                    "rgb\\(\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*,"
                    + "\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*\\)")),
            Map.entry("ssn", form("\\d{3}[- ]?\\d{2}[- ]?\\d{4}")), Map.entry("bsonobjectid", form("[0-9a-fA-F]{24}")),
            Map.entry("isbn", text -> isIsbn10(text) || isIsbn13(text)), Map.entry("isbn10", Formats::isIsbn10),
            Map.entry("isbn13", Formats::isIsbn13), Map.entry("creditcard", Formats::isCreditCard));

    private Formats() {
    }

    static boolean isKnown(String format) {
        return ALL.containsKey(format);
    }

    /** Whether a text has a format; formats that are not known fit everything. */
    static boolean fits(String format, String text) {
        Predicate<String> rule = ALL.get(format);
        return rule == null || rule.test(text);
    }

    private static Predicate<String> form(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return text -> pattern.matcher(text).matches();
    }

    private static Predicate<String> uuid(String version, String variant) {
        return form("[0-9a-fA-F]{8}-?" + HEX4 + "-?" + version + "[0-9a-fA-F]{3}-?" + variant + "[0-9a-fA-F]{3}-?[0-9a-fA-F]{12}");
    }

    private static boolean isDate(String text) {
        if (!DATE.matcher(text).matches()) {
            return false;
        }
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false; // a thirteenth month and the like
        }
    }

    private static boolean isDateTime(String text) {
        return DATE_TIME.matcher(text).matches() && isDate(text.substring(0, 10)) && Integer.parseInt(text.substring(11, 13)) < 24
                && Integer.parseInt(text.substring(14, 16)) < 60 && Integer.parseInt(text.substring(17, 19)) < 60;
    }

    private static boolean isDuration(String text) {
        return GO_DURATION.matcher(text).matches() || WORD_DURATION.matcher(text).find();
    }

    private static boolean isIpv4(String text) {
        var matcher = IPV4.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        for (int i = 1; i <= 4; i++) {
            if (Integer.parseInt(matcher.group(i)) > 255) {
                return false;
            }
        }
        return true;
    }

    /** RFC 4291 section 2.2. */
    private static boolean isIpv6(String text) {
        int gap = text.indexOf("::");
        if (text.isEmpty() || gap >= 0 && text.indexOf("::", gap + 1) >= 0 || text.startsWith(":") && gap != 0
                || text.endsWith(":") && !text.endsWith("::")) {
            return false;
        }
        int groups = 0;
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].isEmpty()) {
                continue;
            }
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                if (!isIpv4(parts[i])) {
                    return false;
                }
                groups += 2;
            } else if (parts[i].length() > 4 || parts[i].chars().anyMatch(c -> Character.digit(c, 16) < 0)) {
                return false;
            } else {
                groups++;
            }
        }
        return text.indexOf(':') >= 0 && (gap >= 0 ? groups < 8 : groups == 8);
    }

    private static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        String address = text.substring(0, slash);
        int bits = Integer.parseInt(text.substring(slash + 1));
        return isIpv4(address) && bits <= 32 || isIpv6(address) && bits <= 128;
    }

    /** As Go's {@code url.ParseRequestURI}: absolute, or a path from the root. */
    private static boolean isUri(String text) {
        if (text.isEmpty()) {
            return false;
        }
        try {
            return new URI(text.replace(' ', '+')).isAbsolute() || text.startsWith("/");
        } catch (URISyntaxException e) {
            return text.startsWith("/");
        }
    }

    private static boolean isIsbn10(String text) {
        String digits = text.replaceAll("[\\s-]", "");
        if (!digits.matches("\\d{9}[0-9X]")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += (i + 1) * (digits.charAt(i) == 'X' ? 10 : digits.charAt(i) - '0');
        }
        return sum % 11 == 0;
    }

    private static boolean isIsbn13(String text) {
        String digits = text.replaceAll("[\\s-]", "");
        if (!digits.matches("\\d{13}")) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 13; i++) {
            sum += (i % 2 == 0 ? 1 : 3) * (digits.charAt(i) - '0');
        }
        return sum % 10 == 0;
    }

    /** Luhn's checksum. */
    private static boolean isCreditCard(String text) {
        String digits = text.replaceAll("[^0-9]+", "");
        if (digits.length() < 13 || digits.length() > 19) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            digit = i % 2 == 0 ? digit : digit * 2;
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }
}
