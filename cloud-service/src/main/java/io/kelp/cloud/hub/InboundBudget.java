package io.kelp.cloud.hub;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of unfinished messages that all gateways together may make the cloud keep. Safe for use by several threads. */
final class InboundBudget {

    private final AtomicLong left;

    InboundBudget(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** @return false when there is not so much left; nothing is taken then */
    boolean take(int bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void giveBack(int bytes) {
        left.addAndGet(bytes);
    }
}
