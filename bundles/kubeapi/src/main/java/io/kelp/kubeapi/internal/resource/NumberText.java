package io.kelp.kubeapi.internal.resource;

import java.math.BigDecimal;

/** A JSON number as it was written: 1 stays 1, and 1.0 stays 1.0. What Gson has for this is not exported to other bundles. */
public final class NumberText extends Number {

    private static final long serialVersionUID = 1L;

    private final String text;

    /** @param text a number by the grammar of JSON, short enough to be worked with */
    public NumberText(String text) {
        this.text = text;
    }

    @Override
    public int intValue() {
        return (int) longValue();
    }

    @Override
    public long longValue() {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return new BigDecimal(text).longValue();
        }
    }

    @Override
    public float floatValue() {
        return Float.parseFloat(text);
    }

    @Override
    public double doubleValue() {
        return Double.parseDouble(text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NumberText number && number.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
