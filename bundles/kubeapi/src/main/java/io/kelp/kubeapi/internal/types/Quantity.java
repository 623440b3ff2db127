package io.kelp.kubeapi.internal.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of something: a number with a decimal (m, k, M …) or binary (Ki, Mi …) suffix or an exponent, down to a billionth.
 * Immutable. {@link #toString} is the canonical form that API servers answer with: no fraction, the largest suffix that allows it.
 */
final class Quantity implements Comparable<Quantity> {

    private enum Form { DECIMAL, BINARY, EXPONENT }

    private static final Pattern TEXT = Pattern.compile("([+-]?)([0-9]*)(\\.[0-9]*)?([eEinumkKMGTP]*[-+]?[0-9]*)");
    private static final List<String> DECIMAL = List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final Pattern EXPONENT = Pattern.compile("[eE]([-+]?[0-9]+)");
    private static final BigDecimal MOST = new BigDecimal(Long.MAX_VALUE);
    private static final BigInteger KIBI = BigInteger.valueOf(1024);
    private static final int BILLIONTH = 9;
    private static final int MILLI = 3;
    private static final int FAST_DIGITS = 18;
    private static final int EXPONENT_DIGITS = 9;
    private static final int MAX_EXPONENT = 1_000;
    /** The time that digits take grows with their square; nobody has an amount of this many. */
    private static final int MAX_LENGTH = 1_000;

    private final BigDecimal value;
    private final Form form;
    private final String text; // kept as it was written when it is close enough to the canonical form, else null

    private Quantity(BigDecimal value, Form form, String text) {
        this.value = value;
        this.form = form;
        this.text = text;
    }

    /** @throws NumberFormatException with the sentence of an API server */
    static Quantity parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new NumberFormatException("quantities must not have more than " + MAX_LENGTH + " characters");
        }
        Matcher m = TEXT.matcher(text);
        if (text.isEmpty() || !m.matches()) {
            throw new NumberFormatException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
        String suffix = m.group(4);
        int exponent;
        Form form;
        Matcher power = EXPONENT.matcher(suffix);
        if (DECIMAL.contains(suffix)) {
            exponent = 3 * (DECIMAL.indexOf(suffix) - 3);
            form = Form.DECIMAL;
        } else if (BINARY.contains(suffix)) {
            exponent = 10 * BINARY.indexOf(suffix);
            form = Form.BINARY;
        } else if (power.matches() && power.group(1).length() <= EXPONENT_DIGITS) {
            exponent = Integer.parseInt(power.group(1));
            form = Form.EXPONENT;
        } else {
            throw new NumberFormatException("unable to parse quantity's suffix");
        }
        String whole = m.group(2).replaceFirst("^0+", "");
        String fraction = m.group(3) == null || m.group(3).isEmpty() ? "" : m.group(3).substring(1);
        boolean negative = m.group(1).equals("-");
        BigDecimal value = new BigDecimal((whole.isEmpty() ? "0" : whole) + (fraction.isEmpty() ? "" : "." + fraction));
        value = form == Form.BINARY ? value.multiply(new BigDecimal(BigInteger.ONE.shiftLeft(exponent)))
                : value.scaleByPowerOfTen(Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, exponent)));
        if (value.scale() > BILLIONTH) {
            value = value.setScale(BILLIONTH, RoundingMode.UP);
        }
        if (form == Form.BINARY && value.compareTo(MOST) > 0) {
            value = MOST;
        }
        boolean kept = keepsText(form, exponent, whole.isEmpty() ? "0" : whole, fraction);
        if (form == Form.BINARY && value.compareTo(BigDecimal.ONE) < 0) {
            form = Form.DECIMAL;
        }
        return new Quantity(negative ? value.negate() : value, form, text.equals("0") || kept ? text : null);
    }

    /** Whether Kubernetes takes the text for canonical; it looks closely only where that is cheap. */
    private static boolean keepsText(Form form, int exponent, String whole, String fraction) {
        String digits = whole + fraction;
        if (form == Form.BINARY) {
            int precision = 15 - whole.length() - (int) (exponent * 3.0f / 10) - 1;
            return fraction.isEmpty() && precision >= 0 && (Long.parseLong(digits) & 7) != 0;
        }
        int scale = exponent - fraction.length();
        return digits.length() <= FAST_DIGITS && scale >= -BILLIONTH && scale % 3 == 0 && !digits.endsWith("000") && digits.charAt(0) != '0';
    }

    /** Thousandths are the smallest amounts of resources; less counts as one. */
    Quantity roundedToMilli() {
        return value.scale() <= MILLI ? this : new Quantity(value.setScale(MILLI, RoundingMode.UP), form, null);
    }

    int signum() {
        return value.signum();
    }

    boolean isWhole() {
        return value.stripTrailingZeros().scale() <= 0;
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    Quantity plus(Quantity other) {
        return new Quantity(value.add(other.value), value.signum() == 0 ? other.form : form, null);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Quantity q && compareTo(q) == 0;
    }

    @Override
    public int hashCode() {
        return value.stripTrailingZeros().hashCode();
    }

    @Override
    public String toString() {
        if (text != null) {
            return text;
        }
        if (value.signum() == 0) {
            return "0";
        }
        if (form == Form.BINARY && isWhole() && value.abs().compareTo(new BigDecimal(KIBI)) >= 0) {
            BigInteger whole = value.toBigInteger();
            int power = 0;
            while (power < BINARY.size() - 1 && whole.mod(KIBI).signum() == 0) {
                whole = whole.divide(KIBI);
                power++;
            }
            return whole + BINARY.get(power);
        }
        BigDecimal plain = value.stripTrailingZeros();
        int exponent = Math.floorDiv(-plain.scale(), 3) * 3;
        if (form != Form.EXPONENT) {
            exponent = Math.min(exponent, 18);
        }
        String digits = plain.scaleByPowerOfTen(-exponent).toBigIntegerExact().toString();
        if (form == Form.EXPONENT) {
            return exponent == 0 ? digits : digits + "e" + exponent;
        }
        return digits + DECIMAL.get(exponent / 3 + 3);
    }
}
