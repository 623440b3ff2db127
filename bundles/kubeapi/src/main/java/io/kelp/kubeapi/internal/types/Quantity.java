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
    private static final int MAX_EXPONENT = 1_000;

    private final BigDecimal value;
    private final Form form;

    private Quantity(BigDecimal value, Form form) {
        this.value = value;
        this.form = form;
    }

    /** @throws NumberFormatException with the sentence of an API server */
    static Quantity parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (text.isEmpty() || !m.matches()) {
            throw new NumberFormatException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }
        String suffix = m.group(4);
        BigDecimal factor;
        Form form;
        Matcher exponent = EXPONENT.matcher(suffix);
        if (DECIMAL.contains(suffix)) {
            factor = BigDecimal.ONE.scaleByPowerOfTen(3 * (DECIMAL.indexOf(suffix) - 3));
            form = Form.DECIMAL;
        } else if (BINARY.contains(suffix)) {
            factor = new BigDecimal(KIBI.pow(BINARY.indexOf(suffix)));
            form = Form.BINARY;
        } else if (exponent.matches() && exponent.group(1).length() <= 4) {
            factor = BigDecimal.ONE.scaleByPowerOfTen(Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Integer.parseInt(exponent.group(1)))));
            form = Form.EXPONENT;
        } else {
            throw new NumberFormatException("unable to parse quantity's suffix");
        }
        String fraction = m.group(3) == null ? "" : m.group(3);
        String digits = (m.group(2).isEmpty() ? "0" : m.group(2)) + (fraction.length() > 1 ? fraction : "");
        BigDecimal value = new BigDecimal(digits).multiply(factor);
        if (value.scale() > BILLIONTH) {
            value = value.setScale(BILLIONTH, RoundingMode.UP);
        }
        if (value.compareTo(MOST) > 0) {
            value = MOST;
        }
        if (form == Form.BINARY && value.compareTo(BigDecimal.ONE) < 0) {
            form = Form.DECIMAL;
        }
        return new Quantity(m.group(1).equals("-") ? value.negate() : value, form);
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
        return new Quantity(value.add(other.value), value.signum() == 0 ? other.form : form);
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
        if (value.signum() == 0) {
            return "0";
        }
        if (form == Form.BINARY && value.abs().compareTo(new BigDecimal(KIBI)) >= 0) {
            BigInteger whole = value.setScale(0, RoundingMode.UP).toBigInteger();
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
