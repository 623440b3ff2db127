package io.kelp.mapper.modbus.simulator;

import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * The tables of one simulated unit: a pump station whose values live. What is where is in the
 * README of this mapper. Safe for use by several threads.
 */
final class Registers {

    static final int SIZE = 10_000;

    private static final double SECONDS_PER_TURN = 60;

    private final int unit;
    private final LongSupplier millis;
    private final long start;
    private final boolean[] coils = new boolean[SIZE];
    private final char[] holding = new char[SIZE];
    private long countedAt;
    private double counted;

    Registers(int unit, LongSupplier millis) {
        this.unit = unit;
        this.millis = millis;
        this.start = millis.getAsLong();
        this.countedAt = start;
        holding[0] = 215; // set point, 0.1 °C
        holding[1] = 1500; // speed, 1/min
        holding[2] = 0b0000_0000_0000_0101; // mode bits
        put(holding, 10, Float.floatToIntBits(3.5f));
        put(holding, 12, 123_456_789);
        putLong(holding, 14, Double.doubleToLongBits(0.25));
        putText(holding, 20, "PUMP " + unit, 8);
        for (int i = 100; i < SIZE; i++) {
            holding[i] = (char) (i + unit);
        }
        coils[0] = true;
    }

    private static void put(char[] table, int at, int value) {
        table[at] = (char) (value >>> 16);
        table[at + 1] = (char) value;
    }

    private static void putLong(char[] table, int at, long value) {
        put(table, at, (int) (value >>> 32));
        put(table, at + 2, (int) value);
    }

    private static void putText(char[] table, int at, String text, int registers) {
        byte[] bytes = java.util.Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), 2 * registers);
        for (int i = 0; i < registers; i++) {
            table[at + i] = (char) ((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF);
        }
    }

    /** Coil 0 runs the pump: only then the hours go on. */
    private void live() {
        long now = millis.getAsLong();
        if (coils[0]) {
            counted += (now - countedAt) / 1000.0;
        }
        countedAt = now;
    }

    private double turn() {
        return Math.sin(2 * Math.PI * ((millis.getAsLong() - start) / 1000.0 / SECONDS_PER_TURN + unit / 16.0));
    }

    synchronized boolean coil(int address) {
        return coils[address];
    }

    synchronized void coil(int address, boolean on) {
        live();
        coils[address] = on;
    }

    /** 0: the pump runs; 1: temperature above set point; others: the parity of their address. */
    synchronized boolean discrete(int address) {
        return switch (address) {
            case 0 -> coils[0];
            case 1 -> temperature() > holding[0];
            default -> address % 2 == 1;
        };
    }

    /** 0.1 °C around 20 °C. */
    private int temperature() {
        return (int) Math.round(200 + 50 * turn());
    }

    synchronized int holding(int address) {
        return holding[address];
    }

    synchronized void holding(int address, int value) {
        holding[address] = (char) value;
    }

    /**
     * 0: temperature, 0.1 °C; 1: signed, -1000 to 1000; 2 and 3: seconds that the pump has run, 32 bits; 4 and 5: pressure in
     * bar, float; 6 and 7: the same with its words exchanged; others: their address.
     */
    synchronized int input(int address) {
        live();
        int pressure = Float.floatToIntBits((float) (coils[0] ? 2 + turn() / 2 : 0));
        long seconds = (long) counted;
        return (switch (address) {
            case 0 -> temperature();
            case 1 -> (int) Math.round(1000 * turn());
            case 2 -> (int) (seconds >>> 16);
            case 3 -> (int) seconds;
            case 4, 7 -> pressure >>> 16;
            case 5, 6 -> pressure;
            default -> address;
        }) & 0xFFFF;
    }
}
