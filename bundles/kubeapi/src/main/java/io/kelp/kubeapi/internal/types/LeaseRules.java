package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.List;

/** Leases: durations above 0, transitions not below. */
final class LeaseRules extends BuiltInRules {

    LeaseRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        Problems problems = new Problems();
        JsonObject spec = Tree.object(object, "spec");
        if (Tree.has(spec, "leaseDurationSeconds") && Tree.number(spec, "leaseDurationSeconds") <= 0) {
            problems.invalid("spec.leaseDurationSeconds", Tree.number(spec, "leaseDurationSeconds"), "must be greater than 0");
        }
        if (Tree.number(spec, "leaseTransitions") < 0) {
            problems.invalid("spec.leaseTransitions", Tree.number(spec, "leaseTransitions"), "must be greater than or equal to 0");
        }
        String strategy = Tree.text(spec, "strategy");
        if (Tree.has(spec, "strategy")) {
            if (strategy.contains("/")) {
                problems.invalid("spec.strategy.strategy", strategy, Formats.qualifiedName(strategy));
            } else if (!strategy.equals("OldestEmulationVersion")) {
                problems.notSupported("spec.strategy.strategy", strategy, List.of("OldestEmulationVersion"));
            }
        }
        if (!Tree.text(spec, "preferredHolder").isEmpty() && strategy.isEmpty()) {
            problems.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
        }
        return problems.list();
    }
}
