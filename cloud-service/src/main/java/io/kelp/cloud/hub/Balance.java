package io.kelp.cloud.hub;

import java.util.Collection;

/**
 * How many gateways a replica should part with. Its fair share is that of all gateways by the number of replicas; what it has beyond, with
 * some slack, goes in small portions, so that nobody else is flooded. Pure arithmetic.
 */
final class Balance {

    private static final double SLACK = 1.2;
    private static final int SLACK_SESSIONS = 5;
    private static final int PORTION = 20;

    private Balance() {}

    /**
     * Sessions to be ended now.
     *
     * @param own sessions at this replica
     * @param others sessions at each of the other living replicas
     */
    static int surplus(int own, Collection<Integer> others) {
        if (others.isEmpty()) {
            return 0;
        }
        long all = own + others.stream().mapToLong(Integer::longValue).sum();
        long share = (all + others.size()) / (others.size() + 1);
        long most = Math.max((long) (share * SLACK), share + SLACK_SESSIONS);
        return own <= most ? 0 : (int) Math.min(PORTION, own - share);
    }
}
