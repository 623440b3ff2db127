package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.modbus.internal.wire.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Merges neighbours into blocks, each read by one request, and learns where a device does not let
 * itself be read across. Belongs to one connection.
 */
final class Blocks {

    /** Bits that cost about as much as a register. */
    private static final int BITS_PER_REGISTER = 16;

    static final Comparator<Point> ORDER = Comparator.comparing(Point::table).thenComparingInt(Point::address)
            .thenComparingInt(Point::count).thenComparing(p -> p.property().name());

    /** What one request reads. */
    record Block(Table table, int address, int count, List<Point> points) {

        static Block of(List<Point> points) {
            int end = points.stream().mapToInt(Point::end).max().orElseThrow();
            Point first = points.get(0);
            return new Block(first.table(), first.address(), end - first.address(), List.copyOf(points));
        }

        String place() {
            return table.title() + (count > 1 ? "s " + address + " to " + (address + count - 1) : " " + address);
        }
    }

    private record Cut(Table table, int address) {}

    /** After this the cuts are forgotten: the device may have been exchanged, or may only have been unwell. */
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final int maxBlock;
    private final int maxGap;
    private final LongSupplier nanos;
    private final Set<Cut> cuts = new HashSet<>();
    private long firstCut;

    Blocks(int maxBlock, int maxGap) {
        this(maxBlock, maxGap, System::nanoTime);
    }

    Blocks(int maxBlock, int maxGap, LongSupplier nanos) {
        this.maxBlock = maxBlock;
        this.maxGap = maxGap;
        this.nanos = nanos;
    }

    /** Whether the same points are merged to the same blocks as before. */
    boolean isUncut() {
        return cuts.isEmpty();
    }

    /** @param points in {@link #ORDER} */
    List<Block> merge(List<Point> points) {
        if (!cuts.isEmpty() && nanos.getAsLong() - firstCut > KEPT_NANOS) {
            cuts.clear();
        }
        List<Block> blocks = new ArrayList<>();
        List<Point> open = new ArrayList<>();
        int end = 0;
        for (Point point : points) {
            if (!open.isEmpty() && !joins(open.get(0), end, open.get(open.size() - 1), point)) {
                blocks.add(Block.of(open));
                open.clear();
            }
            end = open.isEmpty() ? point.end() : Math.max(end, point.end());
            open.add(point);
        }
        if (!open.isEmpty()) {
            blocks.add(Block.of(open));
        }
        return blocks;
    }

    private boolean joins(Point first, int end, Point last, Point next) {
        if (next.table() != first.table()) {
            return false;
        }
        int unit = next.table().bits() ? BITS_PER_REGISTER : 1;
        boolean within = next.address() >= first.address() && next.end() <= end;
        boolean same = within && next.address() == last.address(); // bits of one register
        return (last.merge() && next.merge() || same)
                && next.address() - end <= maxGap * unit
                && (within || Math.max(end, next.end()) - first.address() <= Math.min(maxBlock * unit, next.table().mostRead()))
                && !cuts.contains(new Cut(next.table(), next.address()));
    }

    /**
     * Splits a block that was refused as a whole into two that are to be tried, and remembers the cut.
     *
     * @return empty when it cannot be split, because one address is behind all of it
     */
    List<Block> split(Block block) {
        List<Point> points = block.points();
        int middle = points.size() / 2;
        // Where the gap is widest is where the device most likely has nothing.
        int at = 0;
        int widest = -1;
        for (int i = 1; i < points.size(); i++) {
            int gap = points.get(i).address() - points.get(i - 1).end();
            if (points.get(i).address() != points.get(i - 1).address()
                    && (gap > widest || gap == widest && Math.abs(i - middle) < Math.abs(at - middle))) {
                widest = gap;
                at = i;
            }
        }
        if (at == 0) {
            return List.of();
        }
        if (cuts.isEmpty()) {
            firstCut = nanos.getAsLong();
        }
        cuts.add(new Cut(block.table(), points.get(at).address()));
        return List.of(Block.of(points.subList(0, at)), Block.of(points.subList(at, points.size())));
    }
}
