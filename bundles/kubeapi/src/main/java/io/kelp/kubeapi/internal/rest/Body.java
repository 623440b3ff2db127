package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.resource.NumberText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A decoded request body.
 *
 * @param duplicates paths of members that were given twice, {@code data.x}; the last one counts
 * @param places where they are in the text, {@code line 3: key "x"}; only of YAML
 */
record Body(JsonElement tree, List<String> duplicates, List<String> places) {

    /** Deeper trees are refused. */
    static final int MAX_DEPTH = 256;

    /**
     * Trees of more values are refused: a value of two bytes takes some hundred bytes of memory, and its entry in the managed
     * fields several times as much. A definition with ten thousand properties has less.
     */
    static final int MAX_VALUES = 50_000;

    /** Longer numbers are refused; those of Kubernetes have 64 bits. */
    static final int MAX_NUMBER = 1000;

    /** More duplicates than these are not told. */
    static final int MAX_DUPLICATES = 100;

    /** A number that keeps its text. */
    static JsonPrimitive number(String text) throws MalformedException {
        if (text.length() > MAX_NUMBER) {
            throw new MalformedException("a number has " + text.length() + " characters, more than " + MAX_NUMBER);
        }
        return new JsonPrimitive(new NumberText(text));
    }

    /** Where a value is in its tree; put into words only when somebody asks, since long names repeat in the places of all below. */
    record Place(Place above, String name, int index) {

        private static final int LONGEST = 1000;

        Place member(String member) {
            return new Place(this, member, -1);
        }

        Place item(int number) {
            return new Place(this, "", number);
        }

        static Place top() {
            return new Place(null, "", -1);
        }

        /** {@code spec.ports[0].name}, cut where it gets long. */
        @Override
        public String toString() {
            Deque<Place> way = new ArrayDeque<>();
            for (Place each = this; each.above != null; each = each.above) {
                way.push(each);
            }
            StringBuilder text = new StringBuilder();
            for (Place each : way) {
                if (each.index >= 0) {
                    text.append('[').append(each.index).append(']');
                } else {
                    text.append(text.isEmpty() ? "" : ".").append(each.name);
                }
                if (text.length() > LONGEST) {
                    return text.substring(0, LONGEST) + "...";
                }
            }
            return text.toString();
        }
    }

    /** It is no JSON or YAML; the message names the place. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }
}
