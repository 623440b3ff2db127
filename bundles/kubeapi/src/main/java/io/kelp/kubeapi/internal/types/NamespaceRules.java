package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import io.kelp.kubeapi.internal.resource.Names;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Namespaces: labelled with their name, kept until emptied by the finalizer {@code kubernetes}. */
final class NamespaceRules extends BuiltInRules {

    private static final String NAME_LABEL = "kubernetes.io/metadata.name";
    private static final Set<String> FINALIZERS = Set.of("kubernetes", "orphan", "foregroundDeletion");

    NamespaceRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public void setDefaults(JsonObject object) {
        JsonObject metadata = Tree.make(object, "metadata");
        String name = Tree.text(metadata, "name");
        if (!name.isEmpty()) {
            Tree.make(metadata, "labels").addProperty(NAME_LABEL, name);
        }
        Tree.setDefault(Tree.make(object, "status"), "phase", "Active");
    }

    @Override
    public void prepareForCreate(JsonObject object, AdmissionContext context) {
        setDefaults(object); // the name may have been generated since
        JsonObject status = new JsonObject();
        status.addProperty("phase", "Active");
        object.add("status", status);
        JsonArray finalizers = Tree.makeList(Tree.make(object, "spec"), "finalizers");
        if (!Tree.texts(object, "spec", "finalizers").contains("kubernetes")) {
            finalizers.add("kubernetes");
        }
    }

    @Override
    public void prepareForUpdate(JsonObject object, JsonObject old, String subresource) {
        if (subresource.equals("finalize")) {
            keep(object, old, "status");
        } else {
            keep(object, old, "spec");
            if (!subresource.equals("status")) {
                keep(object, old, "status");
            }
        }
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        Problems problems = new Problems();
        for (String finalizer : Tree.texts(object, "spec", "finalizers")) {
            problems.invalid("spec.finalizers", finalizer, Formats.qualifiedName(finalizer));
            if (!finalizer.contains("/") && !FINALIZERS.contains(finalizer)) {
                problems.invalid("spec.finalizers", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
        return problems.list();
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        Problems problems = new Problems();
        if (subresource.equals("status")) {
            String phase = Tree.text(object, "status", "phase");
            boolean deleted = Tree.has(object, "metadata", "deletionTimestamp");
            if (!deleted && !phase.equals("Active")) {
                problems.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
            } else if (deleted && !phase.equals("Terminating")) {
                problems.invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
            }
        }
        return problems.list();
    }

    @Override
    public String nameProblem(String name, boolean prefix) {
        return Names.labelProblem(name, prefix);
    }

    @Override
    public Map<String, String> selectableFields(JsonObject object) {
        return Map.of("status.phase", Tree.text(object, "status", "phase"));
    }
}
