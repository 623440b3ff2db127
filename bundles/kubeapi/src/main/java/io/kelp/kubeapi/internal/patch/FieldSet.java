package io.kelp.kubeapi.internal.patch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A set of field paths, as a tree: an element may be a member itself, have members below, or both. Elements are
 * written as in FieldsV1 (see {@link PathElement}). Filled by {@link #add} and {@link #child}, not changed afterwards; results
 * of the operations may share branches with their inputs.
 */
final class FieldSet {

    static final FieldSet EMPTY = new FieldSet();

    private final NavigableMap<String, FieldSet> children = new TreeMap<>();
    private final SortedSet<String> members = new TreeSet<>();

    /** Elements that are members themselves. */
    SortedSet<String> members() {
        return members;
    }

    /** Elements with something below; none is empty. */
    Map<String, FieldSet> children() {
        return children;
    }

    boolean isEmpty() {
        return members.isEmpty() && children.isEmpty(); // no child is empty
    }

    void add(String element) {
        members.add(element);
    }

    /** Makes a path of at least one element a member. */
    void add(List<String> path) {
        FieldSet set = this;
        int last = path.size() - 1;
        for (int i = 0; i < last; i++) {
            set = set.children.computeIfAbsent(path.get(i), element -> new FieldSet());
        }
        set.members.add(path.get(last));
    }

    /** Puts a set below an element, in place of what is there. */
    void child(String element, FieldSet child) {
        if (!child.isEmpty()) {
            children.put(element, child);
        }
    }

    boolean has(String element) {
        return members.contains(element);
    }

    /** What is below an element. */
    FieldSet below(String element) {
        return children.getOrDefault(element, EMPTY);
    }

    /** Whether the elements are items of a list. */
    boolean hasItems() {
        return !members.isEmpty() && !members.first().startsWith("f:")
                || !children.isEmpty() && !children.firstKey().startsWith("f:");
    }

    /** A copy with another set below an element. */
    FieldSet replace(String element, FieldSet below, boolean member) {
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        result.children.putAll(children);
        result.children.remove(element);
        result.child(element, below);
        if (member) {
            result.members.add(element);
        }
        return result;
    }

    FieldSet union(FieldSet other) {
        if (isEmpty()) {
            return other;
        }
        if (other.isEmpty()) {
            return this;
        }
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        result.members.addAll(other.members);
        children.forEach((element, child) -> result.child(element, child.union(other.below(element))));
        other.children.forEach((element, child) -> {
            if (!children.containsKey(element)) {
                result.child(element, child);
            }
        });
        return result;
    }

    FieldSet intersection(FieldSet other) {
        FieldSet result = new FieldSet();
        for (String member : members) {
            if (other.members.contains(member)) {
                result.members.add(member);
            }
        }
        children.forEach((element, child) -> {
            FieldSet match = other.children.get(element);
            if (match != null) {
                result.child(element, child.intersection(match));
            }
        });
        return result;
    }

    /** Without exactly the paths of the other; what is below them stays. */
    FieldSet difference(FieldSet other) {
        return touches(other) ? difference(other, false) : this;
    }

    /** Without the paths of the other and everything below them. */
    FieldSet recursiveDifference(FieldSet other) {
        return touches(other) ? difference(other, true) : this;
    }

    /** Whether they begin with something in common; if not, there is nothing to copy. */
    private boolean touches(FieldSet other) {
        for (String member : other.members) {
            if (members.contains(member) || children.containsKey(member)) {
                return true;
            }
        }
        for (String element : other.children.keySet()) {
            if (children.containsKey(element)) {
                return true;
            }
        }
        return false;
    }

    private FieldSet difference(FieldSet other, boolean recursive) {
        FieldSet result = new FieldSet();
        for (String member : members) {
            if (!other.members.contains(member)) {
                result.members.add(member);
            }
        }
        children.forEach((element, child) -> {
            if (!recursive || !other.members.contains(element)) {
                FieldSet match = other.children.get(element);
                result.child(element, match == null || !child.touches(match) ? child : child.difference(match, recursive));
            }
        });
        return result;
    }

    /** Also names the members of objects on the way that a type declares; those are not noted otherwise. */
    FieldSet withNamedFields(FieldType type) {
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        children.forEach((element, child) -> {
            if (type != null && type.declares(element)) {
                result.members.add(element);
            }
            result.child(element, child.withNamedFields(type == null ? null : type.below(element)));
        });
        return result;
    }

    /** Tells each path, parents first. */
    void forEach(Consumer<List<String>> each) {
        forEach(new ArrayList<>(), each);
    }

    private void forEach(List<String> prefix, Consumer<List<String>> each) {
        for (String member : members) {
            prefix.add(member);
            each.accept(List.copyOf(prefix));
            prefix.remove(prefix.size() - 1);
        }
        children.forEach((element, child) -> {
            prefix.add(element);
            child.forEach(prefix, each);
            prefix.remove(prefix.size() - 1);
        });
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldSet set && members.equals(set.members) && children.equals(set.children);
    }

    @Override
    public int hashCode() {
        return Objects.hash(members, children);
    }

    @Override
    public String toString() {
        return FieldsCodec.encode(this).toString();
    }
}
