package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.List;

/** Leases: durations above 0, transitions not below. */
final class LeaseRules extends BuiltInRules {

    LeaseRules(BuiltInCodec codec) {
        super(codec);
    }

    /** Coordinated leader election is switched off, in the original as well. */
    @Override
    public void setDefaults(JsonObject object) {
        Tree.object(object, "spec").remove("strategy");
        Tree.object(object, "spec").remove("preferredHolder");
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
        return problems.list();
    }
}
