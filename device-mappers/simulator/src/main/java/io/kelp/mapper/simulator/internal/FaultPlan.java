package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Faults that come by themselves: in each span of {@code faultEvery} seconds one of {@code faults}, for {@code faultFor} seconds, at
 * a moment that only seed and time decide. So the same device fails in the same way after each restart.
 */
record FaultPlan(List<FaultKind> kinds, long everyMillis, long forMillis, long seed) {

    static final FaultPlan NONE = new FaultPlan(List.of(), 1, 0, 0);

    static FaultPlan of(Settings settings, long seed) throws ConfigurationException {
        List<FaultKind> kinds = new ArrayList<>();
        for (String word : settings.texts("faults")) {
            kinds.add(FaultKind.named(word).orElseThrow(() -> settings.refused("faults", word, "one of " + FaultKind.words())));
        }
        if (kinds.isEmpty()) {
            return NONE;
        }
        long every = settings.whole("faultEvery", 300, 2, 86_400);
        long lasts = settings.whole("faultFor", Math.max(1, every / 10), 1, every - 1);
        return new FaultPlan(List.copyOf(kinds), every * 1000, lasts * 1000, seed);
    }

    /** The fault of this moment. */
    Optional<FaultKind> at(long millis) {
        if (kinds.isEmpty()) {
            return Optional.empty();
        }
        long span = Math.floorDiv(millis, everyMillis);
        SplittableRandom dice = new SplittableRandom(seed ^ span * 0x9E3779B97F4A7C15L);
        long begin = dice.nextLong(everyMillis - forMillis + 1);
        FaultKind kind = kinds.get(dice.nextInt(kinds.size()));
        long within = Math.floorMod(millis, everyMillis);
        return within >= begin && within < begin + forMillis ? Optional.of(kind) : Optional.empty();
    }
}
