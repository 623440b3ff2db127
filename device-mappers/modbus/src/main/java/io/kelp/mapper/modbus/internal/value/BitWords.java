package io.kelp.mapper.modbus.internal.value;

import io.kelp.mapper.PropertyValue;
import java.util.List;
import java.util.Locale;

/**
 * What a bit is called in a property of texts.
 *
 * @param on text of a set bit
 * @param off text of a bit that is not set
 */
public record BitWords(String on, String off) {

    /** Words that everybody understands. */
    private static final List<BitWords> COMMON = List.of(new BitWords("true", "false"), new BitWords("1", "0"),
            new BitWords("ON", "OFF"), new BitWords("on", "off"), new BitWords("On", "Off"));

    public String word(boolean set) {
        return set ? on : off;
    }

    /** The common pair of which a text is one, or {@code otherwise}. */
    public static BitWords of(String text, BitWords otherwise) {
        return COMMON.stream().filter(pair -> pair.on.equals(text) || pair.off.equals(text)).findFirst().orElse(otherwise);
    }

    static boolean parse(PropertyValue value, BitWords words) {
        String text = value.asText().trim();
        if (words != null && (text.equalsIgnoreCase(words.on) || text.equalsIgnoreCase(words.off))) {
            return text.equalsIgnoreCase(words.on);
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "1", "1.0" -> true;
            case "false", "off", "0", "0.0" -> false;
            default -> throw new IllegalArgumentException("\"" + text + "\" is neither "
                    + (words == null ? "" : words.on + " nor " + words.off + " nor ") + "true, on, 1 nor false, off, 0");
        };
    }
}
