package io.kelp.mapper.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a number may move away from the one reported last before it is reported again (OPC UA part 4, 7.22.2). Reckoned in
 * decimal digits, so that 20.1 to 20.2 is not more than 0.1.
 *
 * @param amount in the unit of the property, or a percentage of the value reported last; not negative
 */
record DeadBand(BigDecimal amount, boolean percent) {

    /** Each other number is a change. */
    static final DeadBand NONE = new DeadBand(BigDecimal.ZERO, false);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18}\\.?\\d{0,18}|\\.\\d{1,18})(?:[eE]([+-]?\\d{1,2}))?\\s*(%?)");
    private static final BigDecimal HUNDREDTH = new BigDecimal("0.01");

    /** A number, or a number and {@code %}; missing is {@link #NONE}. */
    static DeadBand of(Settings settings, String key) throws ConfigurationException {
        if (!settings.has(key)) {
            return NONE;
        }
        String text = settings.text(key);
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw settings.refused(key, text, "a number that is not negative, or such a number and %, for example 0.5 or \"2 %\"");
        }
        BigDecimal amount = new BigDecimal(matcher.group(1));
        if (matcher.group(2) != null) {
            amount = amount.scaleByPowerOfTen(Integer.parseInt(matcher.group(2)));
        }
        return new DeadBand(amount, !matcher.group(3).isEmpty());
    }

    boolean isNone() {
        return amount.signum() == 0;
    }

    /** Whether a number is near enough to the one reported last. Text that is no number is near to nothing but itself. */
    boolean covers(String reported, String text) {
        if (text.equals(reported)) {
            return true;
        }
        if (isNone()) {
            return false;
        }
        try {
            BigDecimal last = new BigDecimal(reported);
            BigDecimal moved = new BigDecimal(text).subtract(last).abs();
            return moved.compareTo(percent ? last.abs().multiply(amount).multiply(HUNDREDTH) : amount) <= 0;
        } catch (NumberFormatException e) {
            return false; // reported when the property had another type
        }
    }
}
