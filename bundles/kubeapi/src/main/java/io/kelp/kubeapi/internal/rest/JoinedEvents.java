package io.kelp.kubeapi.internal.rest;

import java.util.List;
import java.util.function.Supplier;

/** Watches that are served one after the other mostly get the same events: these are put together once. For one thread. */
final class JoinedEvents {

    private List<byte[]> lines = List.of();
    private byte[] bytes;

    /** @param joining puts the lines together */
    byte[] bytes(List<byte[]> wanted, Supplier<byte[]> joining) {
        if (!same(wanted)) {
            bytes = joining.get();
            lines = wanted;
        }
        return bytes;
    }

    /** Lines are made once for all watches, so the same event is the same array. */
    private boolean same(List<byte[]> wanted) {
        if (bytes == null || wanted.size() != lines.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i) != lines.get(i)) {
                return false;
            }
        }
        return true;
    }

    void forget() {
        lines = List.of();
        bytes = null;
    }
}
