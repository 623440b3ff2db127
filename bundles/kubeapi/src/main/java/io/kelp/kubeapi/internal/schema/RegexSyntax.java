package io.kelp.kubeapi.internal.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Parser for the regular expressions of RE2 (https://github.com/google/re2/wiki/Syntax) as Go reads them, with Go's sentences about
 * what is wrong. Groups capture nothing and laziness is dropped: the result only says whether a text matches.
 */
final class RegexSyntax {

    /** What an expression is made of. */
    sealed interface Node {}

    record One(IntPredicate accepts) implements Node {}

    enum Place implements Node { TEXT_BEGIN, TEXT_END, LINE_BEGIN, LINE_END, WORD_EDGE, NO_WORD_EDGE }

    record Sequence(List<Node> parts) implements Node {}

    record Choice(List<Node> branches) implements Node {}

    /** @param max -1 for any number */
    record Repeat(Node part, int min, int max) implements Node {}

    /** The expression cannot be used; the message is what Go says. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidException(String code, String where) {
            super("error parsing regexp: " + code + ": `" + where + "`");
        }
    }

    private static final int MOST_REPEATS = 1000;
    private static final int DEEPEST = 500;
    private static final int FOLD = 1;
    private static final int MULTILINE = 2;
    private static final int DOT_ALL = 4;
    private static final int UNGREEDY = 8;

    private static final Map<String, IntPredicate> POSIX = Map.ofEntries(
            Map.entry("alnum", c -> c < 128 && Character.isLetterOrDigit(c)), Map.entry("alpha", c -> c < 128 && Character.isLetter(c)),
            Map.entry("ascii", c -> c < 128), Map.entry("blank", c -> c == ' ' || c == '\t'), Map.entry("cntrl", c -> c < 32 || c == 127),
            Map.entry("digit", RegexSyntax::isDigit), Map.entry("graph", c -> c > 32 && c < 127), Map.entry("lower", c -> c >= 'a' && c <= 'z'),
            Map.entry("print", c -> c >= 32 && c < 127), Map.entry("punct", c -> c > 32 && c < 127 && !Character.isLetterOrDigit(c)),
            Map.entry("space", c -> c == ' ' || c >= 9 && c <= 13), Map.entry("upper", c -> c >= 'A' && c <= 'Z'),
            Map.entry("word", RegexSyntax::isWord), Map.entry("xdigit", c -> c < 128 && Character.digit(c, 16) >= 0));

    private final String text;
    private final Set<String> names = new HashSet<>();
    private int at;
    private int flags;

    private RegexSyntax(String text) {
        this.text = text;
    }

    static Node parse(String text) throws InvalidException {
        RegexSyntax syntax = new RegexSyntax(text);
        Node node = syntax.choice(0);
        if (syntax.at < text.length()) {
            throw new InvalidException("unexpected )", text);
        }
        return node;
    }

    static boolean isWord(int c) {
        return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private Node choice(int depth) throws InvalidException {
        if (depth > DEEPEST) {
            throw new InvalidException("expression nests too deeply", text);
        }
        List<Node> branches = new ArrayList<>();
        branches.add(sequence(depth));
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            branches.add(sequence(depth));
        }
        return branches.size() == 1 ? branches.get(0) : new Choice(branches);
    }

    private Node sequence(int depth) throws InvalidException {
        List<Node> parts = new ArrayList<>();
        int lastRepeat = -1;
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            int begin = at;
            int[] times = repetition();
            if (times == null) {
                Node part = atom(depth);
                if (part != null) {
                    parts.add(part);
                }
                lastRepeat = -1;
                continue;
            }
            if (at < text.length() && text.charAt(at) == '?') {
                at++;
            }
            if (lastRepeat >= 0) {
                throw new InvalidException("invalid nested repetition operator", text.substring(lastRepeat, at));
            }
            if (parts.isEmpty()) {
                throw new InvalidException("missing argument to repetition operator", text.substring(begin, at));
            }
            Node repeat = new Repeat(parts.remove(parts.size() - 1), times[0], times[1]);
            if (repeats(repeat) > MOST_REPEATS) {
                throw new InvalidException("invalid repeat count", text.substring(begin, at));
            }
            parts.add(repeat);
            lastRepeat = begin;
        }
        return parts.size() == 1 ? parts.get(0) : new Sequence(parts);
    }

    /** How often a part is written out when nested repetitions are multiplied. */
    private static long repeats(Node node) {
        if (node instanceof Repeat r) {
            return Math.max(1, Math.max(r.min(), r.max())) * repeats(r.part());
        }
        List<Node> parts = node instanceof Sequence s ? s.parts() : node instanceof Choice c ? c.branches() : List.of();
        long most = 1;
        for (Node part : parts) {
            most = Math.max(most, repeats(part));
        }
        return most;
    }

    /** Least and most, or {@code null} when no repetition begins here. */
    private int[] repetition() throws InvalidException {
        char c = text.charAt(at);
        if (c == '*' || c == '+' || c == '?') {
            at++;
            return new int[] {c == '+' ? 1 : 0, c == '?' ? 1 : -1};
        }
        if (c != '{') {
            return null;
        }
        int close = text.indexOf('}', at);
        String inside = close < 0 ? "" : text.substring(at + 1, close);
        if (!inside.matches("(0|[1-9]\\d*)(,(0|[1-9]\\d*)?)?")) {
            return null;
        }
        int comma = inside.indexOf(',');
        long min = count(comma < 0 ? inside : inside.substring(0, comma));
        long max = comma < 0 ? min : comma == inside.length() - 1 ? -1 : count(inside.substring(comma + 1));
        if (min > MOST_REPEATS || max > MOST_REPEATS || max >= 0 && min > max) {
            throw new InvalidException("invalid repeat count", text.substring(at, close + 1));
        }
        at = close + 1;
        return new int[] {(int) min, (int) max};
    }

    private static long count(String digits) {
        return digits.length() > 8 ? Integer.MAX_VALUE : Long.parseLong(digits);
    }

    /** One element; {@code null} for what stands for nothing, like flags. */
    private Node atom(int depth) throws InvalidException {
        char c = text.charAt(at);
        switch (c) {
            case '(':
                return group(depth);
            case '[':
                return new One(bracket());
            case '.':
                at++;
                boolean all = (flags & DOT_ALL) != 0;
                return new One(x -> all || x != '\n');
            case '^':
                at++;
                return (flags & MULTILINE) != 0 ? Place.LINE_BEGIN : Place.TEXT_BEGIN;
            case '$':
                at++;
                return (flags & MULTILINE) != 0 ? Place.LINE_END : Place.TEXT_END;
            case '\\':
                return escaped();
            default:
                return literal(next());
        }
    }

    private Node group(int depth) throws InvalidException {
        int saved = flags;
        int begin = at;
        at++;
        if (text.startsWith("?", at)) {
            if (text.startsWith("?P<", at) || text.startsWith("?<", at)) {
                name(begin);
            } else if (!flags(begin)) {
                return null; // they hold until the end of the group around
            }
        }
        Node inner = choice(depth + 1);
        if (at >= text.length()) {
            throw new InvalidException("missing closing )", text);
        }
        at++;
        flags = saved;
        return inner instanceof Place ? new Sequence(List.of(inner)) : inner;
    }

    private void name(int begin) throws InvalidException {
        int open = text.indexOf('<', at);
        int close = text.indexOf('>', at);
        if (close < 0) {
            throw new InvalidException("invalid named capture", text.substring(begin));
        }
        String name = text.substring(open + 1, close);
        if (name.isEmpty() || !name.chars().allMatch(RegexSyntax::isWord) || !names.add(name)) {
            throw new InvalidException("invalid named capture", text.substring(begin, close + 1));
        }
        at = close + 1;
    }

    /** @return whether a group begins, not only a change of flags */
    private boolean flags(int begin) throws InvalidException {
        at++;
        int set = flags;
        boolean off = false;
        boolean seen = false;
        while (at < text.length()) {
            int c = next();
            int flag = c == 'i' ? FOLD : c == 'm' ? MULTILINE : c == 's' ? DOT_ALL : c == 'U' ? UNGREEDY : 0;
            if (flag != 0) {
                set = off ? set & ~flag : set | flag;
                seen = true;
            } else if (c == '-' && !off) {
                off = true;
                seen = false;
            } else if ((c == ':' || c == ')') && (!off || seen)) {
                flags = set;
                return c == ':';
            } else {
                break;
            }
        }
        throw new InvalidException("invalid or unsupported Perl syntax", text.substring(begin, at));
    }

    private Node escaped() throws InvalidException {
        if (at + 1 < text.length()) {
            char c = text.charAt(at + 1);
            Place place = c == 'A' ? Place.TEXT_BEGIN : c == 'z' ? Place.TEXT_END : c == 'b' ? Place.WORD_EDGE : c == 'B' ? Place.NO_WORD_EDGE : null;
            if (place != null) {
                at += 2;
                return place;
            }
            if (c == 'Q') {
                int end = text.indexOf("\\E", at + 2);
                String quoted = text.substring(at + 2, end < 0 ? text.length() : end);
                at = end < 0 ? text.length() : end + 2;
                return new Sequence(quoted.codePoints().mapToObj(this::literal).toList());
            }
        }
        IntPredicate set = namedSet();
        return set != null ? new One(set) : literal(escape());
    }

    private Node literal(int c) {
        return new One(fold(x -> x == c));
    }

    private IntPredicate fold(IntPredicate set) {
        return (flags & FOLD) == 0 ? set
                : x -> set.test(x) || set.test(Character.toLowerCase(x)) || set.test(Character.toUpperCase(x));
    }

    /** {@code \d}, {@code \pN}, {@code \p{Greek}}; {@code null} when there is none here. */
    private IntPredicate namedSet() throws InvalidException {
        if (at + 1 >= text.length()) {
            return null;
        }
        char c = text.charAt(at + 1);
        IntPredicate perl = switch (Character.toLowerCase(c)) {
            case 'd' -> RegexSyntax::isDigit;
            case 's' -> x -> x == ' ' || x == '\t' || x == '\n' || x == '\f' || x == '\r';
            case 'w' -> RegexSyntax::isWord;
            default -> null;
        };
        if (perl != null) {
            at += 2;
            return Character.isUpperCase(c) ? perl.negate() : fold(perl);
        }
        if (c != 'p' && c != 'P') {
            return null;
        }
        int begin = at;
        at += 2;
        String name = "";
        if (at < text.length()) {
            int first = next();
            int close = first == '{' ? text.indexOf('}', at) : at;
            if (close < 0) {
                throw new InvalidException("invalid character class range", text.substring(begin));
            }
            name = first == '{' ? text.substring(at, close) : Character.toString(first);
            at = first == '{' ? close + 1 : at;
        }
        boolean negative = c == 'P' ^ name.startsWith("^");
        IntPredicate set = unicode(name.startsWith("^") ? name.substring(1) : name);
        if (set == null) {
            throw new InvalidException("invalid character class range", text.substring(begin, at));
        }
        return negative ? fold(set).negate() : fold(set);
    }

    private static IntPredicate unicode(String name) {
        if (name.equals("Any")) {
            return x -> true;
        }
        String categories = "CnLuLlLtLmLoMnMeMcNdNlNoZsZlZpCcCf??CoCsPdPsPePcPoSmScSkSoPiPf"; // by the numbers of Character.getType
        if (name.length() == 1 && "CLMNPSZ".contains(name)) {
            return x -> categories.charAt(Character.getType(x) * 2) == name.charAt(0) && Character.getType(x) != Character.UNASSIGNED;
        }
        if (name.length() == 2 && !name.equals("Cn") && !name.startsWith("?") && categories.indexOf(name) % 2 == 0 && categories.contains(name)) {
            return x -> categories.startsWith(name, Character.getType(x) * 2);
        }
        if (!name.matches("[A-Z][a-z]{2,30}(_[A-Z][a-z]{1,30}){0,3}")) {
            return null;
        }
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(name);
            return x -> Character.UnicodeScript.of(x) == script;
        } catch (IllegalArgumentException e) {
            return null; // no such script
        }
    }

    private IntPredicate bracket() throws InvalidException {
        int begin = at;
        at++;
        boolean negative = text.startsWith("^", at);
        at += negative ? 1 : 0;
        List<IntPredicate> sets = new ArrayList<>();
        boolean first = true;
        while (at >= text.length() || text.charAt(at) != ']' || first) {
            first = false;
            IntPredicate set = at < text.length() ? posix() : null;
            if (set == null && text.startsWith("\\", at)) {
                set = namedSet();
            }
            sets.add(set != null ? set : range(begin));
        }
        at++;
        IntPredicate any = x -> {
            for (IntPredicate set : sets) {
                if (set.test(x)) {
                    return true;
                }
            }
            return false;
        };
        IntPredicate folded = fold(any);
        return negative ? folded.negate() : folded;
    }

    private IntPredicate posix() throws InvalidException {
        int close = text.startsWith("[:", at) ? text.indexOf(":]", at + 2) : -1;
        if (close < 0) {
            return null;
        }
        String name = text.substring(at + 2, close);
        IntPredicate set = POSIX.get(name.startsWith("^") ? name.substring(1) : name);
        if (set == null) {
            throw new InvalidException("invalid character class range", text.substring(at, close + 2));
        }
        at = close + 2;
        return name.startsWith("^") ? set.negate() : set;
    }

    private IntPredicate range(int bracket) throws InvalidException {
        int begin = at;
        int low = member(bracket);
        if (!text.startsWith("-", at) || at + 1 >= text.length() || text.charAt(at + 1) == ']') {
            return x -> x == low;
        }
        at++;
        int high = member(bracket);
        if (high < low) {
            throw new InvalidException("invalid character class range", text.substring(begin, at));
        }
        return x -> x >= low && x <= high;
    }

    private int member(int bracket) throws InvalidException {
        if (at >= text.length()) {
            throw new InvalidException("missing closing ]", text.substring(bracket));
        }
        return text.charAt(at) == '\\' ? escape() : next();
    }

    private int escape() throws InvalidException {
        int begin = at;
        at++;
        if (at >= text.length()) {
            throw new InvalidException("trailing backslash at end of expression", "");
        }
        int c = next();
        int simple = "afnrtv".indexOf(c);
        if (simple >= 0) {
            return "\u0007\f\n\r\t\u000b".charAt(simple);
        }
        if (c == '0' || c >= '1' && c <= '7' && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '7') {
            int value = c - '0';
            for (int i = 0; i < 2 && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '7'; i++) {
                value = value * 8 + text.charAt(at++) - '0';
            }
            return value;
        }
        if (c == 'x') {
            return hexadecimal(begin);
        }
        if (c < 128 && !Character.isLetterOrDigit(c)) {
            return c;
        }
        throw new InvalidException("invalid escape sequence", text.substring(begin, at));
    }

    private int hexadecimal(int begin) throws InvalidException {
        boolean braces = text.startsWith("{", at);
        int from = braces ? at + 1 : at;
        int to = braces ? text.indexOf('}', from) : Math.min(from + 2, text.length());
        String digits = to < 0 ? "" : text.substring(from, to);
        if (digits.matches(braces ? "[0-9a-fA-F]{1,8}" : "[0-9a-fA-F]{2}") && Long.parseLong(digits, 16) <= Character.MAX_CODE_POINT) {
            at = braces ? to + 1 : to;
            return Integer.parseInt(digits, 16);
        }
        throw new InvalidException("invalid escape sequence", text.substring(begin, Math.min(text.length(), to < 0 ? text.length() : to + 1)));
    }

    private int next() {
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }
}
