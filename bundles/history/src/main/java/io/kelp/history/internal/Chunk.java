package io.kelp.history.internal;

import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tracks of many properties from about the same time: what is written to the flash at once. A
 * property may have two tracks in it, one of numbers and one of texts.
 *
 * <p>Form: version; numbers of the header; a directory of property number and length for each
 * track, in the order of the numbers; the tracks.
 *
 * @param header what it holds
 * @param bytes all of it
 */
record Chunk(Header header, byte[] bytes) {

    /**
     * What a chunk holds, and where its tracks begin.
     *
     * @param firstMillis time of the earliest point
     * @param lastMillis time of the latest point
     * @param series a number greater than all numbers given to properties when it was made
     * @param coversFrom first position of the finer level that it sums up; 0 on the finest level
     * @param coversTo last position
     */
    record Header(long firstMillis, long lastMillis, int series, long coversFrom, long coversTo) {}

    static final RecordCodec<Chunk> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Chunk chunk) {
            return chunk.bytes();
        }

        @Override
        public Chunk read(byte[] bytes) throws IOException {
            return new Chunk(readHeader(new Bytes.Reader(bytes)), bytes);
        }
    };

    private static final int VERSION = 1;
    private static final int MOST_SERIES = 1 << 30;

    /** Takes the tracks of a property found in a chunk. */
    interface Visitor {
        void track(int series, Track track);
    }

    /** Puts a chunk together from tracks that come in the order of their property's numbers. */
    static final class Builder {
        private final List<int[]> directory = new ArrayList<>();
        private final Bytes.Writer body = new Bytes.Writer();
        private final long base;
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;

        /** @param base a time near all points */
        Builder(long base) {
            this.base = base;
        }

        void add(int series, Track track) {
            int before = body.length();
            TrackCodec.write(body, track, base);
            directory.add(new int[] {series, body.length() - before});
            first = Math.min(first, track.time(0));
            last = Math.max(last, track.time(track.size() - 1));
        }

        /** Adds the tracks of another one with the same base, whose numbers are higher. */
        void addAll(Builder other) {
            body.append(other.body);
            directory.addAll(other.directory);
            first = Math.min(first, other.first);
            last = Math.max(last, other.last);
        }

        long base() {
            return base;
        }

        int length() {
            return body.length() + 3 * directory.size();
        }

        boolean isEmpty() {
            return directory.isEmpty();
        }

        Chunk build(int series, long coversFrom, long coversTo) {
            if (isEmpty()) {
                first = base;
                last = base;
            }
            Header header = new Header(first, last, series, coversFrom, coversTo);
            Bytes.Writer out = new Bytes.Writer();
            out.octet(VERSION);
            out.signed(first);
            out.number(last - first);
            out.number(series);
            out.number(coversFrom);
            out.number(coversTo - coversFrom);
            out.signed(base - first);
            out.number(directory.size());
            int before = 0;
            for (int[] entry : directory) {
                out.number(entry[0] - before);
                out.number(entry[1]);
                before = entry[0];
            }
            out.append(body);
            return new Chunk(header, out.toArray());
        }
    }

    private static Header readHeader(Bytes.Reader in) throws IOException {
        int version = in.octet();
        if (version != VERSION) {
            throw new IOException("chunk of version " + version);
        }
        long first = in.signed();
        long span = in.number();
        int series = in.number(0, MOST_SERIES);
        long from = in.number();
        return new Header(first, first + span, series, from, from + in.number());
    }

    /** Shows the tracks of the properties numbered {@code fromSeries} to before {@code toSeries}. */
    void visit(int fromSeries, int toSeries, Visitor visitor) throws IOException {
        Bytes.Reader in = new Bytes.Reader(bytes);
        long base = readHeader(in).firstMillis() + in.signed();
        int tracks = in.number(0, in.left());
        int[] series = new int[tracks];
        int[] lengths = new int[tracks];
        int number = 0;
        for (int i = 0; i < tracks; i++) {
            number += in.number(0, MOST_SERIES - number);
            series[i] = number;
            lengths[i] = in.number(1, bytes.length);
        }
        int at = in.position();
        for (int i = 0; i < tracks && series[i] < toSeries; i++) {
            if (lengths[i] > bytes.length - at) {
                throw new IOException("a track of " + lengths[i] + " bytes where " + (bytes.length - at) + " are left");
            }
            if (series[i] >= fromSeries) {
                visitor.track(series[i], TrackCodec.read(new Bytes.Reader(bytes, at, at + lengths[i]), base));
            }
            at += lengths[i];
        }
    }
}
