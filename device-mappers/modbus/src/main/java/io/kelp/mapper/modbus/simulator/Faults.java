package io.kelp.mapper.modbus.simulator;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What goes wrong on demand. Safe for use by several threads.
 *
 * <p>Kinds: {@code delay=MS} before each answer; the others with a share of answers from 0 to 1: {@code drop} (no answer),
 * {@code garbage} (random bytes), {@code cut} (half an answer), {@code crc} (a flipped bit), {@code close} (connection closed),
 * {@code exception} (failure in the device), {@code busy}, {@code foreign} (an answer of another unit or transaction before the right one).
 */
final class Faults {

    enum Kind { DELAY, DROP, GARBAGE, CUT, CRC, CLOSE, EXCEPTION, BUSY, FOREIGN }

    private final Map<Kind, Double> shares = new TreeMap<>();
    private final Random random;

    Faults(long seed) {
        this.random = new Random(seed);
    }

    /** @throws IllegalArgumentException with a sentence */
    synchronized void set(String setting) {
        String[] parts = setting.trim().split("=", 2);
        Kind kind;
        double value;
        try {
            kind = Kind.valueOf(parts[0].trim().toUpperCase(java.util.Locale.ROOT));
            value = parts.length < 2 ? 1 : Double.parseDouble(parts[1].trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + setting + "\" is no fault; there are delay=MS, and drop, garbage, cut, crc, close, "
                    + "exception, busy, foreign, each =SHARE from 0 to 1", e);
        }
        double most = kind == Kind.DELAY ? 60_000 : 1;
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException("\"" + setting + "\": allowed is 0 to " + most);
        }
        shares.put(kind, value);
    }

    synchronized void clear() {
        shares.clear();
    }

    synchronized boolean strikes(Kind kind) {
        Double share = shares.get(kind);
        return share != null && random.nextDouble() < share;
    }

    synchronized long delayMillis() {
        return shares.getOrDefault(Kind.DELAY, 0.0).longValue();
    }

    synchronized byte[] garbage() {
        byte[] bytes = new byte[1 + random.nextInt(40)];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public synchronized String toString() {
        return shares.isEmpty() ? "none" : shares.toString();
    }
}
