package io.kelp.mapper.mqtt.internal.sparkplug;

/**
 * A metric in a payload.
 *
 * @param name empty where only the alias is sent
 * @param alias number that stands for the name after a birth; -1 for none
 * @param timestampMillis Unix time; 0 when it does not say
 * @param type {@link DataType#UNKNOWN} where it is known from the birth
 * @param quality property {@code Quality}: 0 bad, 192 good, 500 stale (section 6.4.20)
 * @param historical whether it is told late and does not change what is now
 * @param raw Long, Float, Double, Boolean, String or byte[]; {@code null} for null, another object for what is not understood
 */
public record Metric(String name, long alias, long timestampMillis, DataType type, int quality, boolean historical, Object raw) {

    public static final int GOOD = 192;
    public static final int STALE = 500;
    public static final int BAD = 0;

    public static Metric of(String name, long timestampMillis, DataType type, Object raw) {
        return new Metric(name, -1, timestampMillis, type, GOOD, false, raw);
    }
}
