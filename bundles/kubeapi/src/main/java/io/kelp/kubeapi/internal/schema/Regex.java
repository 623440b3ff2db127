package io.kelp.kubeapi.internal.schema;

import io.kelp.kubeapi.internal.schema.RegexSyntax.Choice;
import io.kelp.kubeapi.internal.schema.RegexSyntax.InvalidException;
import io.kelp.kubeapi.internal.schema.RegexSyntax.Node;
import io.kelp.kubeapi.internal.schema.RegexSyntax.One;
import io.kelp.kubeapi.internal.schema.RegexSyntax.Place;
import io.kelp.kubeapi.internal.schema.RegexSyntax.Repeat;
import io.kelp.kubeapi.internal.schema.RegexSyntax.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A regular expression of RE2 that never backtracks: the time to match grows with the text, not with the powers that Java's own
 * expressions can grow with. A client's pattern meets any client's text, so this must hold. Immutable.
 */
final class Regex {

    /** Most steps of an expression once repetitions are written out. */
    static final int MOST_STEPS = 10_000;
    /** Longest work for one text, in steps; some tenths of a second. A text that needs more counts as one that does not match. */
    static final long MOST_WORK = 100_000_000;

    private enum Kind { ONE, SPLIT, PLACE, MATCH }

    /** @param next where it goes on, {@code other} the second way of a split */
    private record Step(Kind kind, IntPredicate accepts, Place place, int next, int other) {}

    private final Step[] steps;

    private Regex(List<Step> steps) {
        this.steps = steps.toArray(Step[]::new);
    }

    static Regex compile(String pattern) throws InvalidException {
        List<Step> steps = new ArrayList<>();
        write(RegexSyntax.parse(pattern), steps, pattern);
        steps.add(new Step(Kind.MATCH, null, null, 0, 0));
        return new Regex(steps);
    }

    /** Appends the steps of a node; they end by going on to the step after them. */
    private static void write(Node node, List<Step> steps, String pattern) throws InvalidException {
        if (steps.size() > MOST_STEPS) {
            throw new InvalidException("expression too large", pattern);
        }
        int next = steps.size() + 1;
        if (node instanceof One one) {
            steps.add(new Step(Kind.ONE, one.accepts(), null, next, 0));
        } else if (node instanceof Place place) {
            steps.add(new Step(Kind.PLACE, null, place, next, 0));
        } else if (node instanceof Sequence sequence) {
            for (Node part : sequence.parts()) {
                write(part, steps, pattern);
            }
        } else if (node instanceof Choice choice) {
            List<Integer> ends = new ArrayList<>();
            for (int i = 0; i < choice.branches().size(); i++) {
                int split = steps.size();
                steps.add(null);
                write(choice.branches().get(i), steps, pattern);
                ends.add(steps.size());
                steps.add(null);
                boolean last = i == choice.branches().size() - 1;
                steps.set(split, new Step(Kind.SPLIT, null, null, split + 1, last ? split + 1 : steps.size()));
            }
            for (int end : ends) {
                steps.set(end, new Step(Kind.SPLIT, null, null, steps.size(), steps.size()));
            }
        } else if (node instanceof Repeat repeat) {
            for (int i = 0; i < repeat.min(); i++) {
                write(repeat.part(), steps, pattern);
            }
            if (repeat.max() < 0) {
                int split = steps.size();
                steps.add(null);
                write(repeat.part(), steps, pattern);
                steps.add(new Step(Kind.SPLIT, null, null, split, split));
                steps.set(split, new Step(Kind.SPLIT, null, null, split + 1, steps.size()));
            } else {
                List<Integer> splits = new ArrayList<>();
                for (int i = repeat.min(); i < repeat.max(); i++) {
                    splits.add(steps.size());
                    steps.add(null);
                    write(repeat.part(), steps, pattern);
                }
                for (int split : splits) {
                    steps.set(split, new Step(Kind.SPLIT, null, null, split + 1, steps.size()));
                }
            }
        }
    }

    /** Whether some part of the text matches. */
    boolean find(String text) {
        return new Run(text).find();
    }

    /** One pass over a text, all ways through the expression at once. */
    private final class Run {

        private final String text;
        private int[] now = new int[steps.length];
        private int count;
        private final int[] seenAt = new int[steps.length]; // position + 1 at which a step was entered last
        private final int[] stack = new int[2 * steps.length + 2];
        private boolean matched;
        private long work;

        Run(String text) {
            this.text = text;
        }

        boolean find() {
            int[] before = new int[steps.length];
            boolean onlyAtBegin = steps[0].kind == Kind.PLACE && steps[0].place == Place.TEXT_BEGIN;
            enter(0, 0);
            for (int at = 0; at < text.length() && !matched && work < MOST_WORK;) {
                int c = text.codePointAt(at);
                at += Character.charCount(c);
                int[] last = now;
                int lastCount = count;
                now = before;
                before = last;
                count = 0;
                for (int i = 0; i < lastCount && !matched; i++) {
                    Step step = steps[last[i]];
                    if (step.accepts.test(c)) {
                        enter(step.next, at);
                    }
                }
                work += lastCount;
                if (!onlyAtBegin) {
                    enter(0, at);
                } else if (count == 0) {
                    break;
                }
            }
            return matched;
        }

        /** Goes through steps that take no character. */
        private void enter(int first, int at) {
            int depth = 0;
            stack[depth++] = first;
            while (depth > 0) {
                int index = stack[--depth];
                if (seenAt[index] == at + 1) {
                    continue;
                }
                seenAt[index] = at + 1;
                work++;
                Step step = steps[index];
                switch (step.kind) {
                    case MATCH -> matched = true;
                    case ONE -> now[count++] = index;
                    case SPLIT -> {
                        stack[depth++] = step.other;
                        stack[depth++] = step.next;
                    }
                    case PLACE -> {
                        if (holds(step.place, at)) {
                            stack[depth++] = step.next;
                        }
                    }
                }
            }
        }

        private boolean holds(Place place, int at) {
            return switch (place) {
                case TEXT_BEGIN -> at == 0;
                case TEXT_END -> at == text.length();
                case LINE_BEGIN -> at == 0 || text.charAt(at - 1) == '\n';
                case LINE_END -> at == text.length() || text.charAt(at) == '\n';
                case WORD_EDGE -> isEdge(at);
                case NO_WORD_EDGE -> !isEdge(at);
            };
        }

        private boolean isEdge(int at) {
            boolean before = at > 0 && RegexSyntax.isWord(text.charAt(at - 1));
            boolean after = at < text.length() && RegexSyntax.isWord(text.charAt(at));
            return before != after;
        }
    }
}
