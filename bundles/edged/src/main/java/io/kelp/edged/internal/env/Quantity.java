package io.kelp.edged.internal.env;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quantities of Kubernetes: a decimal number with a suffix ({@code 500m}, {@code 64Mi}, {@code 1e3}). */
public final class Quantity {

    private static final Pattern FORM = Pattern.compile("([+-]?(?:[0-9]{1,30}(?:\\.[0-9]{0,30})?|\\.[0-9]{1,30}))(?:([eE][+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)");
    private static final Map<String, BigDecimal> FACTORS = Map.ofEntries(
            decimal("n", -9), decimal("u", -6), decimal("m", -3), decimal("k", 3), decimal("M", 6), decimal("G", 9),
            decimal("T", 12), decimal("P", 15), decimal("E", 18),
            binary("Ki", 10), binary("Mi", 20), binary("Gi", 30), binary("Ti", 40), binary("Pi", 50), binary("Ei", 60));

    private Quantity() {}

    private static Map.Entry<String, BigDecimal> decimal(String suffix, int exponent) {
        return Map.entry(suffix, BigDecimal.ONE.scaleByPowerOfTen(exponent));
    }

    private static Map.Entry<String, BigDecimal> binary(String suffix, int bits) {
        return Map.entry(suffix, new BigDecimal(BigInteger.ONE.shiftLeft(bits)));
    }

    /** @throws IllegalArgumentException for a text of another form */
    public static BigDecimal parse(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no quantity");
        }
        BigDecimal number = new BigDecimal(parts.group(1));
        if (parts.group(2) != null) {
            return number.scaleByPowerOfTen(Integer.parseInt(parts.group(2).substring(1)));
        }
        return parts.group(3) == null ? number : number.multiply(FACTORS.get(parts.group(3)));
    }

    /** How many units, rounded up, for example bytes or, with unit 0.001, thousandths of a processor. */
    public static long units(BigDecimal quantity, BigDecimal unit) {
        return quantity.divide(unit, 0, RoundingMode.CEILING).min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }
}
