package io.kelp.mapper.coap.simulator;

import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;

/** What goes wrong at present. Safe for use by several threads. */
final class Faults {

    private static final int LONGEST_DELAY = 60_000;

    private volatile State state = new State(0, 0, null, false);

    private record State(int delayMillis, int dropPercent, ResponseCode code, boolean deaf) {}

    /** @throws IllegalArgumentException for words that are not understood */
    void set(String words) {
        String[] parts = words.trim().split("\\s+");
        State now = state;
        if (parts.length == 1 && parts[0].equals("none")) {
            state = new State(0, 0, null, false);
        } else if (parts.length == 1 && parts[0].equals("deaf")) {
            state = new State(now.delayMillis, now.dropPercent, now.code, true);
        } else if (parts.length == 2 && parts[0].equals("delay")) {
            state = new State(within(parts[1], LONGEST_DELAY), now.dropPercent, now.code, now.deaf);
        } else if (parts.length == 2 && parts[0].equals("drop")) {
            state = new State(now.delayMillis, within(parts[1], 100), now.code, now.deaf);
        } else if (parts.length == 2 && parts[0].equals("code") && parts[1].matches("[45]\\.\\d\\d")) {
            state = new State(now.delayMillis, now.dropPercent,
                    ResponseCode.valueOf((parts[1].charAt(0) - '0') << 5 | Integer.parseInt(parts[1].substring(2))), now.deaf);
        } else {
            throw new IllegalArgumentException("a fault is \"delay MILLISECONDS\", \"drop PERCENT\", \"code 5.03\", \"deaf\" or \"none\"");
        }
    }

    private static int within(String text, int most) {
        if (!text.matches("\\d{1,6}") || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(text + " is not a whole number from 0 to " + most);
        }
        return Integer.parseInt(text);
    }

    int delayMillis() {
        return state.delayMillis;
    }

    boolean drops() {
        return state.dropPercent > 0 && ThreadLocalRandom.current().nextInt(100) < state.dropPercent;
    }

    /** {@code null} for none */
    ResponseCode code() {
        return state.code;
    }

    boolean deaf() {
        return state.deaf;
    }

    @Override
    public String toString() {
        State now = state;
        return "delay " + now.delayMillis + ", drop " + now.dropPercent + ", code " + (now.code == null ? "none" : now.code) + (now.deaf ? ", deaf" : "");
    }
}
