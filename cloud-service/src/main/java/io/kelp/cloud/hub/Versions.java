package io.kelp.cloud.hub;

/** How resource versions compare. They are opaque by contract and decimal numbers in practice. */
final class Versions {

    /** Result of a comparison; {@code DIFFERENT} when at least one is no number. */
    enum Order { NEWER, SAME, OLDER, DIFFERENT }

    private Versions() {}

    /** How {@code a} stands to {@code b}; an empty version is older than any other. */
    static Order compare(String a, String b) {
        if (a.equals(b)) {
            return Order.SAME;
        }
        if (a.isEmpty() || b.isEmpty()) {
            return a.isEmpty() ? Order.OLDER : Order.NEWER;
        }
        try {
            int order = Long.compareUnsigned(Long.parseUnsignedLong(a), Long.parseUnsignedLong(b));
            return order == 0 ? Order.SAME : order > 0 ? Order.NEWER : Order.OLDER;
        } catch (NumberFormatException e) {
            return Order.DIFFERENT;
        }
    }
}
