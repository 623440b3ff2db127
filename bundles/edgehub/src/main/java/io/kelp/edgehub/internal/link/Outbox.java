package io.kelp.edgehub.internal.link;

import java.util.ArrayDeque;

/**
 * What waits for the network, bounded in number and size. Keepalives pass everything and are not
 * paced; acknowledgements pass other messages, because the cloud waits for them with work in hand.
 *
 * <p>Not safe for use by several threads; the session guards it.
 */
final class Outbox {

    /** How urgent a message is. */
    enum Lane { CONTROL, ACKNOWLEDGEMENT, NORMAL }

    /** What to do next: send a text, wait, or nothing (both members empty). */
    record Next(String text, long waitNanos) {
        private static final Next NOTHING = new Next(null, 0);
    }

    private final ArrayDeque<String> control = new ArrayDeque<>();
    private final ArrayDeque<String> acknowledgements = new ArrayDeque<>();
    private final ArrayDeque<String> normal = new ArrayDeque<>();
    private final int maxMessages;
    private final long maxCharacters;
    private TokenBucket pace;
    private long characters;

    Outbox(int maxMessages, long maxCharacters, TokenBucket pace) {
        this.maxMessages = maxMessages;
        this.maxCharacters = maxCharacters;
        this.pace = pace;
    }

    void pace(TokenBucket newPace) {
        this.pace = newPace;
    }

    /** False when there is no room; acknowledgements and control messages have a reserve of their own. */
    boolean offer(String text, Lane lane) {
        int factor = lane == Lane.NORMAL ? 1 : 2;
        if (size() >= maxMessages * factor || characters + text.length() > maxCharacters * factor) {
            return false;
        }
        characters += text.length();
        queue(lane).add(text);
        return true;
    }

    /** What may go along with another message: none when it is longer than this, or may not go yet. */
    String alsoNow(long nowNanos, int longest) {
        ArrayDeque<String> queue = !control.isEmpty() ? control : acknowledgements.isEmpty() ? normal : acknowledgements;
        String head = queue.peek();
        return head == null || head.length() > longest ? null : next(nowNanos).text();
    }

    Next next(long nowNanos) {
        if (!control.isEmpty()) {
            return taken(control);
        }
        ArrayDeque<String> queue = acknowledgements.isEmpty() ? normal : acknowledgements;
        if (queue.isEmpty()) {
            return Next.NOTHING;
        }
        long wait = pace.take(nowNanos);
        return wait > 0 ? new Next(null, wait) : taken(queue);
    }

    int size() {
        return control.size() + acknowledgements.size() + normal.size();
    }

    private Next taken(ArrayDeque<String> queue) {
        String text = queue.remove();
        characters -= text.length();
        return new Next(text, 0);
    }

    private ArrayDeque<String> queue(Lane lane) {
        return switch (lane) {
            case CONTROL -> control;
            case ACKNOWLEDGEMENT -> acknowledgements;
            case NORMAL -> normal;
        };
    }
}
