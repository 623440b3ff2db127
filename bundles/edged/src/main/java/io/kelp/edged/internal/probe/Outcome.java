package io.kelp.edged.internal.probe;

/**
 * What one probe found.
 *
 * @param message why it failed, or what is odd about its success; may be empty
 */
record Outcome(boolean ok, String message) {

    static Outcome success() {
        return new Outcome(true, "");
    }

    static Outcome warning(String message) {
        return new Outcome(true, message);
    }

    static Outcome failure(String message) {
        return new Outcome(false, message);
    }
}
