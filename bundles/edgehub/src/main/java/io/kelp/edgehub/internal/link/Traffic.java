package io.kelp.edgehub.internal.link;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what goes over the link. Safe for use by several threads. */
public final class Traffic {

    private final AtomicLong sentMessages = new AtomicLong();
    private final AtomicLong sentCharacters = new AtomicLong();
    private final AtomicLong receivedMessages = new AtomicLong();
    private final AtomicLong receivedCharacters = new AtomicLong();
    private final AtomicLong malformed = new AtomicLong();
    private final AtomicLong unclaimed = new AtomicLong();
    private final AtomicLong overflowed = new AtomicLong();
    private final AtomicLong connects = new AtomicLong();

    void sent(int characters) {
        sentMessages.incrementAndGet();
        sentCharacters.addAndGet(characters);
    }

    void received(int characters) {
        receivedMessages.incrementAndGet();
        receivedCharacters.addAndGet(characters);
    }

    void malformed() {
        malformed.incrementAndGet();
    }

    void unclaimed() {
        unclaimed.incrementAndGet();
    }

    void overflowed() {
        overflowed.incrementAndGet();
    }

    void connected() {
        connects.incrementAndGet();
    }

    public long sentMessages() {
        return sentMessages.get();
    }

    public long sentCharacters() {
        return sentCharacters.get();
    }

    public long receivedMessages() {
        return receivedMessages.get();
    }

    public long receivedCharacters() {
        return receivedCharacters.get();
    }

    public long malformedMessages() {
        return malformed.get();
    }

    public long unclaimedMessages() {
        return unclaimed.get();
    }

    public long overflowedMessages() {
        return overflowed.get();
    }

    public long connections() {
        return connects.get();
    }
}
