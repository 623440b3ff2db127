package io.kelp.store.internal;

import java.util.ArrayDeque;
import java.util.StringJoiner;

/** A growing set of positions as runs without gaps; there is one gap per crash. Guarded by its owner. */
final class Ranges {

    private record Run(long from, long to) {
        long length() {
            return to - from + 1;
        }
    }

    private final ArrayDeque<Run> runs = new ArrayDeque<>();
    private long count;

    /** Reads {@code 1-500,66036-66100}. @throws IllegalArgumentException for anything else */
    static Ranges parse(String text) {
        var ranges = new Ranges();
        if (text.isEmpty()) {
            return ranges;
        }
        for (String run : text.split(",")) {
            int dash = run.indexOf('-', 1);
            if (dash < 0) {
                throw new IllegalArgumentException("no range: " + run);
            }
            ranges.push(new Run(Long.parseLong(run.substring(0, dash)), Long.parseLong(run.substring(dash + 1))));
        }
        return ranges;
    }

    /** The text for {@link #parse}, leaving out what lies after the position. */
    String upTo(long position) {
        var text = new StringJoiner(",");
        for (Run run : runs) {
            if (run.from() <= position) {
                text.add(run.from() + "-" + Math.min(run.to(), position));
            }
        }
        return text.toString();
    }

    void add(long position) {
        Run last = runs.peekLast();
        if (last != null && last.to() + 1 == position) {
            runs.pollLast();
            runs.add(new Run(last.from(), position));
            count++;
        } else {
            push(new Run(position, position));
        }
    }

    void dropUpTo(long position) {
        while (!runs.isEmpty() && runs.peek().from() <= position) {
            Run first = runs.poll();
            count -= first.length();
            if (first.to() > position) {
                Run rest = new Run(position + 1, first.to());
                runs.addFirst(rest);
                count += rest.length();
                return;
            }
        }
    }

    /** The lowest position. @throws java.util.NoSuchElementException when there is none */
    long first() {
        return runs.element().from();
    }

    long count() {
        return count;
    }

    private void push(Run run) {
        if (run.to() < run.from() || !runs.isEmpty() && runs.peekLast().to() >= run.from()) {
            throw new IllegalArgumentException("ranges out of order at " + run);
        }
        runs.add(run);
        count += run.length();
    }
}
