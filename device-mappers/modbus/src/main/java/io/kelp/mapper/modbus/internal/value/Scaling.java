package io.kelp.mapper.modbus.internal.value;

import java.math.BigDecimal;

/**
 * {@code value = raw × scale + offset}. Computed so that 123 × 0.1 is 12.3 and not 12.300000000000001:
 * factor and offset are decimal fractions and are kept as such.
 */
public final class Scaling {

    public static final Scaling NONE = new Scaling(BigDecimal.ONE, BigDecimal.ZERO);

    private static final double EXACT = 0x1p53;

    private final BigDecimal scale;
    private final BigDecimal offset;
    private final double numerator;
    private final double addend;
    private final double denominator;
    private final boolean quick;

    private Scaling(BigDecimal scale, BigDecimal offset) {
        this.scale = scale;
        this.offset = offset;
        int digits = Math.max(0, Math.max(scale.scale(), offset.scale()));
        BigDecimal common = BigDecimal.ONE.movePointRight(digits);
        this.numerator = scale.multiply(common).doubleValue();
        this.addend = offset.multiply(common).doubleValue();
        this.denominator = common.doubleValue();
        this.quick = digits <= 22 && Math.abs(numerator) < EXACT && Math.abs(addend) < EXACT;
    }

    /** @param scale not 0 */
    public static Scaling of(double scale, double offset) {
        return scale == 1 && offset == 0 ? NONE : new Scaling(BigDecimal.valueOf(scale), BigDecimal.valueOf(offset));
    }

    public boolean none() {
        return this == NONE;
    }

    /** The value of a raw number. NaN and infinity stay what they are. */
    public double value(double raw) {
        double product = raw * numerator + addend;
        boolean exact = quick && raw == Math.rint(raw) && Math.abs(raw * numerator) < EXACT && Math.abs(product) < EXACT;
        if (exact) {
            return product / denominator; // whole numbers, so this is the only rounding
        }
        return Double.isFinite(raw) ? BigDecimal.valueOf(raw).multiply(scale).add(offset).doubleValue() : raw;
    }

    /** The raw number of a value, not rounded. */
    public double raw(double value) {
        return BigDecimal.valueOf(value).subtract(offset)
                .divide(scale, java.math.MathContext.DECIMAL64).doubleValue();
    }
}
