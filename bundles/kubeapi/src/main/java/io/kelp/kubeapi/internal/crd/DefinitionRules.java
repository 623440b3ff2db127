package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.array;
import static io.kelp.kubeapi.internal.crd.Members.flag;
import static io.kelp.kubeapi.internal.crd.Members.object;
import static io.kelp.kubeapi.internal.crd.Members.objects;
import static io.kelp.kubeapi.internal.crd.Members.text;
import static io.kelp.kubeapi.internal.crd.Members.texts;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.schema.GoText;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules of CustomResourceDefinitions themselves. */
final class DefinitionRules implements ResourceRules {

    static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    private final StructuralRules schemas;

    DefinitionRules(StructuralRules schemas) {
        this.schemas = schemas;
    }

    @Override
    public JsonObject normalize(JsonObject object) throws ApiException {
        return DefinitionCodec.normalize(object);
    }

    @Override
    public void setDefaults(JsonObject object) {
        JsonElement spec = object.get("spec");
        if (spec == null || !spec.isJsonObject()) {
            return;
        }
        JsonElement names = spec.getAsJsonObject().get("names");
        if (names != null && names.isJsonObject() && !text(names.getAsJsonObject(), "kind").isEmpty()) {
            String kind = text(names.getAsJsonObject(), "kind");
            if (text(names.getAsJsonObject(), "singular").isEmpty()) {
                names.getAsJsonObject().addProperty("singular", kind.toLowerCase(Locale.ROOT));
            }
            if (text(names.getAsJsonObject(), "listKind").isEmpty()) {
                names.getAsJsonObject().addProperty("listKind", kind + "List");
            }
        }
        if (!spec.getAsJsonObject().has("conversion")) {
            JsonObject none = new JsonObject();
            none.addProperty("strategy", "None");
            spec.getAsJsonObject().add("conversion", none);
        }
    }

    @Override
    public void prepareForCreate(JsonObject object, AdmissionContext context) {
        JsonObject status = new JsonObject();
        status.add("conditions", JsonNull.INSTANCE);
        JsonObject names = new JsonObject();
        names.addProperty("plural", "");
        names.addProperty("kind", "");
        status.add("acceptedNames", names);
        status.add("storedVersions", JsonNull.INSTANCE);
        object.add("status", status);
        noteStorage(object);
    }

    @Override
    public void prepareForUpdate(JsonObject object, JsonObject old, String subresource) {
        if (subresource.isEmpty() && object.has("status")) {
            noteStorage(object);
        }
    }

    /** Objects may be kept in every version that was the storage version once. */
    private static void noteStorage(JsonObject object) {
        for (JsonObject version : objects(object(object, "spec"), "versions")) {
            if (flag(version, "storage")) {
                JsonArray stored = array(object(object, "status"), "storedVersions").deepCopy();
                if (!texts(object(object, "status"), "storedVersions").contains(text(version, "name"))) {
                    stored.add(text(version, "name"));
                }
                object.getAsJsonObject("status").add("storedVersions", stored);
                return;
            }
        }
    }

    @Override
    public void prepareForDelete(JsonObject object, String now) {
        JsonObject metadata = object.getAsJsonObject("metadata");
        JsonArray finalizers = array(metadata, "finalizers").deepCopy();
        if (!texts(metadata, "finalizers").contains(FINALIZER)) {
            finalizers.add(FINALIZER);
        }
        metadata.add("finalizers", finalizers);
        metadata.addProperty("deletionTimestamp", now);
        if (!object(object, "status").isEmpty()) {
            Conditions.set(object.getAsJsonObject("status"), "Terminating", true, "InstanceDeletionPending",
                    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now);
        }
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        return new DefinitionCheck(schemas).check(object);
    }

    @Override
    public List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        List<FieldError> errors = new ArrayList<>();
        if (!subresource.isEmpty()) {
            return errors;
        }
        if (Conditions.isTrue(object(old, "status"), "Established")) {
            same(object, old, "spec.scope", errors);
            same(object, old, "spec.names.kind", errors);
        }
        same(object, old, "spec.group", errors);
        same(object, old, "spec.names.plural", errors);
        return errors;
    }

    private static void same(JsonObject object, JsonObject old, String path, List<FieldError> errors) {
        JsonElement now = JsonPath.plain(object, path);
        JsonElement before = JsonPath.plain(old, path);
        if (now != null && !now.equals(before)) {
            errors.add(FieldError.invalid(path, GoText.value(now), "field is immutable"));
        }
    }

    @Override
    public List<String> warnings(JsonObject object) {
        Set<String> warnings = new LinkedHashSet<>();
        for (JsonObject version : objects(object(object, "spec"), "versions")) {
            warn(object(object(version, "schema"), "openAPIV3Schema"), warnings, 0);
        }
        return List.copyOf(warnings);
    }

    private static void warn(JsonElement schema, Set<String> warnings, int depth) {
        if (schema == null || !schema.isJsonObject() || depth > 100) {
            return;
        }
        JsonObject object = schema.getAsJsonObject();
        String format = text(object, "format");
        if (!format.isEmpty() && text(object, "type").equals("string") && !StructuralRules.isKnownFormat(format)) {
            warnings.add("unrecognized format \"" + format + "\"");
        }
        if (!array(object, "x-kubernetes-validations").isEmpty()) {
            warnings.add("x-kubernetes-validations are kept, but this server does not evaluate them");
        }
        object(object, "properties").asMap().values().forEach(property -> warn(property, warnings, depth + 1));
        warn(object.get("items"), warnings, depth + 1);
        warn(object.get("additionalProperties"), warnings, depth + 1);
        for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
            array(object, keyword).forEach(part -> warn(part, warnings, depth + 1));
        }
        warn(object.get("not"), warnings, depth + 1);
    }

    /** The name is told by group and plural, see {@link DefinitionCheck}. */
    @Override
    public String nameProblem(String name, boolean prefix) {
        return null;
    }

    @Override
    public boolean countsGeneration() {
        return true;
    }
}
