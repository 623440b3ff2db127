package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.PropertyValue;
import java.util.List;
import java.util.SplittableRandom;

/** How the value of a property goes on in time. */
sealed interface Signal {

    /** Whether a written value becomes the value of the property. */
    default boolean writable() {
        return false;
    }

    /**
     * The value at a moment.
     *
     * @param millis milliseconds of Unix time
     * @param memory of this property in its device
     */
    PropertyValue at(long millis, Memory memory);

    /** What a property remembers between reads. Confined to the device, which takes care of threads. */
    final class Memory {
        PropertyValue written;
        long step = Long.MIN_VALUE;
        double walked;
        long counted;

        void clear() {
            written = null;
            step = Long.MIN_VALUE;
            counted = 0;
        }
    }

    /** Stays at a value until another is written. */
    record Hold(PropertyValue initial) implements Signal {
        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public PropertyValue at(long millis, Memory memory) {
            return memory.written == null ? initial : memory.written;
        }
    }

    /** Counts the reads, so that what is lost on its way can be found; a written number is where it goes on. */
    record Counter() implements Signal {
        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public PropertyValue at(long millis, Memory memory) {
            if (memory.written != null) {
                memory.counted = memory.written.asWhole();
                memory.written = null;
                return PropertyValue.of(memory.counted);
            }
            return PropertyValue.of(++memory.counted);
        }
    }

    /** Asks for a fault by writing it, see {@link Fault}; reads as the fault of this moment, which the device knows. */
    record FaultSwitch() implements Signal {
        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public PropertyValue at(long millis, Memory memory) {
            return PropertyValue.of("none");
        }
    }

    /** A wave between two bounds. */
    record Wave(Form form, double low, double high, long periodMillis, long phaseMillis, double scale) implements Signal {

        enum Form { RAMP, TRIANGLE, SINE, SQUARE }

        @Override
        public PropertyValue at(long millis, Memory memory) {
            double part = Math.floorMod(millis + phaseMillis, periodMillis) / (double) periodMillis;
            double share = switch (form) {
                case RAMP -> part;
                case TRIANGLE -> part < 0.5 ? 2 * part : 2 - 2 * part;
                case SINE -> (1 + Math.sin(2 * Math.PI * part)) / 2;
                case SQUARE -> part < 0.5 ? 0 : 1;
            };
            return PropertyValue.of(rounded(low + share * (high - low), scale));
        }
    }

    /** A new number between two bounds at each step, decided by seed and time. */
    record Noise(double low, double high, long stepMillis, long seed, double scale) implements Signal {
        @Override
        public PropertyValue at(long millis, Memory memory) {
            double share = new SplittableRandom(seed ^ Math.floorDiv(millis, stepMillis) * 0x9E3779B97F4A7C15L).nextDouble();
            return PropertyValue.of(rounded(low + share * (high - low), scale));
        }
    }

    /** Goes up or down by at most {@code most} at each step and turns at the bounds. */
    record Walk(double low, double high, double most, long stepMillis, long seed, double scale) implements Signal {

        private static final int MOST_STEPS = 1_000;

        @Override
        public PropertyValue at(long millis, Memory memory) {
            long now = Math.floorDiv(millis, stepMillis);
            if (memory.step == Long.MIN_VALUE || now < memory.step) {
                memory.walked = low + (high - low) / 2;
                memory.step = now;
            }
            for (long step = Math.max(memory.step, now - MOST_STEPS); step < now; step++) {
                double by = (2 * new SplittableRandom(seed ^ step * 0x9E3779B97F4A7C15L).nextDouble() - 1) * most;
                double next = memory.walked + by;
                memory.walked = next < low || next > high ? memory.walked - by : next;
            }
            memory.step = now;
            return PropertyValue.of(rounded(Math.min(high, Math.max(low, memory.walked)), scale));
        }
    }

    /** Values one after the other, from the file or the list they came from. */
    record Replay(List<PropertyValue> values, long stepMillis, boolean repeat) implements Signal {
        @Override
        public PropertyValue at(long millis, Memory memory) {
            long now = Math.floorDiv(millis, stepMillis);
            if (memory.step == Long.MIN_VALUE || now < memory.step) {
                memory.step = now; // the replay begins when the property is read first
            }
            long index = now - memory.step;
            return values.get((int) (repeat ? index % values.size() : Math.min(index, values.size() - 1)));
        }
    }

    private static double rounded(double value, double scale) {
        return scale == 0 ? value : Math.rint(value * scale) / scale;
    }
}
