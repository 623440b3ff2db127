package io.kelp.history.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class CodecTest {

    private static final long NOON = 1_900_000_000_000L;

    private static byte[] bytes(Track track) {
        Bytes.Writer out = new Bytes.Writer();
        TrackCodec.write(out, track, NOON);
        return out.toArray();
    }

    private static void assertSame(Track expected, Track actual, double tolerance) {
        assertEquals(expected.size(), actual.size());
        assertEquals(expected.isText(), actual.isText());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.time(i), actual.time(i));
            assertEquals(expected.count(i), actual.count(i));
            if (expected.isText()) {
                assertEquals(expected.text(i), actual.text(i));
            } else {
                assertEquals(expected.minimum(i), actual.minimum(i));
                assertEquals(expected.maximum(i), actual.maximum(i));
                assertEquals(expected.mean(i), actual.mean(i), tolerance * Math.abs(expected.mean(i)));
                assertTrue(actual.mean(i) >= actual.minimum(i) && actual.mean(i) <= actual.maximum(i));
            }
        }
    }

    private static double bytesPerValue(IntToDoubleFunction value, IntToLongFunction time) throws IOException {
        Track track = Track.ofNumbers();
        for (int i = 0; i < 1000; i++) {
            track.add(time.applyAsLong(i), value.applyAsDouble(i));
        }
        byte[] bytes = bytes(track);
        assertSame(track, TrackCodec.read(new Bytes.Reader(bytes), NOON), 0);
        return bytes.length / 1000.0;
    }

    @Test
    void whatSensorsSayTakesFewBytes() throws IOException {
        Random random = new Random(1);
        double[] walk = {21.5};
        IntToDoubleFunction temperature = i -> walk[0] = Math.round(walk[0] * 10 + random.nextInt(3) - 1) / 10.0;
        double even = bytesPerValue(temperature, i -> NOON + i * 1000L);
        double jitter = bytesPerValue(temperature, i -> NOON + i * 1000L + random.nextInt(7));
        double counter = bytesPerValue(i -> i, i -> NOON + i * 500L);
        double constant = bytesPerValue(i -> 7.25, i -> NOON + i * 1000L);
        double noise = bytesPerValue(i -> (float) random.nextGaussian(), i -> NOON + i * 1000L);
        System.out.printf("bytes per value: temperature %.2f, with jittering times %.2f, counter %.2f, constant %.3f, float noise %.2f%n",
                even, jitter, counter, constant, noise);
        assertTrue(even < 1.1 && jitter < 2.2 && counter < 1.1 && constant < 0.1 && noise < 7.5);
    }

    @Test
    void numbersOfAnyKindComeBackExactly() throws IOException {
        double[] odd = {0, 1e300, -1e300, Double.MIN_VALUE, Double.MAX_VALUE, 0.1, 1 / 3.0, 9_007_199_254_740_991.0, 9_007_199_254_740_993.0,
                1e-9, 1e-10, 123456789.123456789, -42, 0.30000000000000004, 1e22};
        for (double one : odd) {
            for (double other : odd) {
                Track track = Track.ofNumbers();
                track.add(NOON, one);
                track.add(NOON + 3, other);
                assertSame(track, TrackCodec.read(new Bytes.Reader(bytes(track)), NOON), 0);
            }
        }
    }

    @Test
    void randomTracksComeBack() throws IOException {
        Random random = new Random(42);
        for (int round = 0; round < 3000; round++) {
            Track track = random(random);
            assertSame(track, TrackCodec.read(new Bytes.Reader(bytes(track)), NOON), 0.01);
        }
    }

    private static Track random(Random random) {
        Track track = random.nextInt(4) == 0 ? Track.ofTexts() : Track.ofNumbers();
        int size = 1 + random.nextInt(40);
        double unit = Math.pow(10, random.nextInt(12) - 9);
        long step = new long[] {1, 1000, 60_000, 900_000}[random.nextInt(4)];
        long span = random.nextBoolean() ? 100 : 10_000_000_000L;
        boolean merged = random.nextBoolean();
        for (int i = 0; i < size; i++) {
            long time = NOON / step * step + (random.nextLong() % span) * step;
            double value = random.nextBoolean() ? Math.round(random.nextGaussian() * 1000) * unit : random.nextGaussian();
            if (track.isText()) {
                track.addChange(time, 1 + random.nextInt(3), random.nextInt(5) == 0 ? "längerer Text " + random.nextInt() : "ON");
            } else if (merged) {
                track.add(time, 1 + random.nextInt(100), value - unit * random.nextInt(9), value, value + unit * random.nextInt(9));
            } else {
                track.add(time, value + 0.0);
            }
        }
        return track;
    }

    @Test
    void mergedPointsKeepExtremesCountsAndMeans() {
        Random random = new Random(3);
        Track track = Track.ofNumbers();
        TreeMap<Long, List<Double>> expected = new TreeMap<>();
        for (int i = 0; i < 1000; i++) {
            long time = NOON + random.nextInt(3_600_000);
            double value = random.nextInt(1000) / 10.0;
            track.add(time, value);
            expected.computeIfAbsent(Math.floorDiv(time, 60_000L) * 60_000, t -> new ArrayList<>()).add(value);
        }
        track.bucket(60_000);
        assertEquals(expected.size(), track.size());
        int i = 0;
        for (var minute : expected.entrySet()) {
            var numbers = minute.getValue().stream().mapToDouble(Double::doubleValue).summaryStatistics();
            assertEquals(minute.getKey(), track.time(i));
            assertEquals(numbers.getCount(), track.count(i));
            assertEquals(numbers.getMin(), track.minimum(i));
            assertEquals(numbers.getMax(), track.maximum(i));
            assertEquals(numbers.getAverage(), track.mean(i), 1e-9);
            i++;
        }
        int before = track.size();
        track.halve();
        assertEquals((before + 1) / 2, track.size());
    }

    @Test
    void repeatedTextsAreOnePoint() {
        Track track = Track.ofTexts();
        track.add(NOON, 1, "ON");
        track.add(NOON + 1000, 1, "ON");
        track.add(NOON + 2000, 1, "OFF");
        assertEquals(2, track.size());
        assertEquals(2, track.count(0));
        track.bucket(60_000);
        assertEquals(1, track.size());
        assertEquals(3, track.count(0));
        assertEquals("OFF", track.text(0));
    }

    @Test
    void aChunkGivesTheTracksThatAreAskedFor() throws IOException {
        Random random = new Random(5);
        Chunk.Builder builder = new Chunk.Builder(NOON);
        List<Track> tracks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            tracks.add(random(random));
            builder.add(i * 3, tracks.get(i));
        }
        Chunk chunk = Chunk.CODEC.read(builder.build(200, 17, 44).bytes());
        assertEquals(17, chunk.header().coversFrom());
        assertEquals(44, chunk.header().coversTo());
        assertEquals(200, chunk.header().series());
        assertEquals(tracks.stream().mapToLong(t -> t.time(0)).min().orElseThrow(), chunk.header().firstMillis());
        assertEquals(tracks.stream().mapToLong(t -> t.time(t.size() - 1)).max().orElseThrow(), chunk.header().lastMillis());
        List<Integer> seen = new ArrayList<>();
        chunk.visit(30, 61, (series, track) -> {
            seen.add(series);
            assertSame(tracks.get(series / 3), track, 0.01);
        });
        assertEquals(List.of(30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60), seen);
    }

    @Test
    void brokenChunksEndInAnErrorAndNothingElse() {
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            Chunk.Builder builder = new Chunk.Builder(NOON);
            for (int i = 0; i < 4; i++) {
                builder.add(i, random(random));
            }
            byte[] bytes = builder.build(4, 0, 0).bytes();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            try {
                Chunk.CODEC.read(bytes).visit(0, Integer.MAX_VALUE, (series, track) -> {});
            } catch (IOException e) {
                refused++;
            }
        }
        assertTrue(refused > 2000, refused + " refused");
    }
}
