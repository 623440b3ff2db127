package io.kelp.cloud.hub;

import io.kelp.cloud.hub.Delivery.Change;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what a gateway has with what it should have. What looks like going backwards, a deletion
 * or an older version, must be seen twice with some time between: the caches on which the comparison
 * rests may lag behind what another way has brought to the gateway already.
 *
 * <p>Not safe for use by several threads at a time.
 */
final class Differences {

    private static final long GONE_NANOS = 1_000_000_000L;
    private static final long OLDER_NANOS = 8_000_000_000L;
    private static final Set<String> ONLY_UPDATED = Set.of("secret", "node");
    private static final Set<String> DEVICE_TYPES = Set.of("device", "devicemodel");

    private final Map<String, Long> suspects = new HashMap<>();

    /**
     * What to do about the differences.
     *
     * @param pushes in the order in which they must go out
     * @param forced versions older than those that the gateway has, to be sent all the same
     * @param unsettled something must be looked at again soon
     */
    record Result(List<Push> pushes, List<Push> forced, boolean unsettled) {}

    /**
     * @param types that the sources know everything about
     * @param stock whether an edge that thinks in versions must be made to forget a device first
     */
    Result compare(Collection<Held> held, Collection<GatewayObject> desired, Collection<String> types, boolean stock, long nowNanos) {
        Map<String, GatewayObject> wanted = new HashMap<>();
        desired.forEach(object -> wanted.put(object.uid(), object));
        Map<String, Held> has = new HashMap<>();
        Set<String> seen = new HashSet<>();
        boolean unsettled = false;
        List<Push> pushes = new ArrayList<>();
        for (Held one : held) {
            has.put(one.uid(), one);
            if (!wanted.containsKey(one.uid()) && types.contains(one.type())) {
                seen.add(one.uid());
                if (isSettled(one.uid(), GONE_NANOS, nowNanos)) {
                    pushes.add(Push.deletion(one));
                } else {
                    unsettled = true;
                }
            }
        }
        List<Push> forced = new ArrayList<>();
        for (GatewayObject object : desired) {
            Held one = has.get(object.uid());
            if (one == null) {
                pushes.add(firstPush(object));
                continue;
            }
            switch (Versions.compare(object.resourceVersion(), one.resourceVersion())) {
                case NEWER, DIFFERENT -> pushes.add(new Push(
                        one.resourceVersion().equals(Held.NEVER) && !ONLY_UPDATED.contains(object.type())
                                ? Change.INSERT : Change.UPDATE, object, null));
                case OLDER -> {
                    seen.add(object.uid());
                    if (isSettled(object.uid(), OLDER_NANOS, nowNanos)) {
                        boolean forget = stock && DEVICE_TYPES.contains(object.type());
                        forced.add(forget ? Push.deletion(one) : new Push(Change.UPDATE, object, null));
                        suspects.remove(object.uid());
                    } else {
                        unsettled = true;
                    }
                }
                case SAME -> { }
            }
        }
        suspects.keySet().retainAll(seen);
        return new Result(pushes, forced, unsettled);
    }

    /** An object that the gateway does not have; a stock cloud never inserts Nodes and secrets (trap 33). */
    static Push firstPush(GatewayObject object) {
        return new Push(ONLY_UPDATED.contains(object.type()) ? Change.UPDATE : Change.INSERT, object, null);
    }

    private boolean isSettled(String uid, long nanos, long nowNanos) {
        Long since = suspects.putIfAbsent(uid, nowNanos);
        return since != null && nowNanos - since >= nanos;
    }
}
