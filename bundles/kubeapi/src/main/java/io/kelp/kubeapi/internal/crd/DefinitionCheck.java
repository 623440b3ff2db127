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
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.Names;
import io.kelp.kubeapi.internal.schema.GoText;
import io.kelp.kubeapi.internal.schema.Labels;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Everything that is wrong with a definition. What all versions have in common is named at the top, as Kubernetes does. */
final class DefinitionCheck {

    private static final String MIXED = "may have mixed case, but should otherwise match: ";
    private static final List<String> COLUMN_TYPES = List.of("boolean", "date", "integer", "number", "string");
    private static final List<String> COLUMN_FORMATS = List.of("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
    private static final String APPROVAL = "api-approved.kubernetes.io";
    private static final int MOST_VERSIONS = 50;

    private final StructuralRules rules;
    private final List<FieldError> errors = new ArrayList<>();

    DefinitionCheck(StructuralRules rules) {
        this.rules = rules;
    }

    List<FieldError> check(JsonObject definition) {
        JsonObject spec = object(definition, "spec");
        JsonObject names = object(spec, "names");
        String name = text(object(definition, "metadata"), "name");
        if (!name.equals(text(names, "plural") + "." + text(spec, "group"))) {
            errors.add(FieldError.invalid("metadata.name", GoText.quote(name), "must be spec.names.plural+\".\"+spec.group"));
        }
        group(text(spec, "group"));
        scope(text(spec, "scope"));
        versions(spec);
        for (String required : List.of("plural", "singular", "kind", "listKind")) {
            if (text(names, required).isEmpty()) {
                errors.add(FieldError.required("spec.names." + required, ""));
            }
        }
        names(names);
        common(spec);
        conversion(object(spec, "conversion"));
        storedVersions(spec, object(definition, "status"));
        approval(definition, text(spec, "group"));
        if (flag(spec, "preserveUnknownFields")) {
            errors.add(FieldError.invalid("spec.preserveUnknownFields", "true",
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
        }
        return errors;
    }

    private void group(String group) {
        String problem = Names.subdomainProblem(group, false);
        if (group.isEmpty()) {
            errors.add(FieldError.required("spec.group", ""));
        } else if (problem != null) {
            errors.add(FieldError.invalid("spec.group", GoText.quote(group), problem));
        } else if (group.indexOf('.') < 0) {
            errors.add(FieldError.invalid("spec.group", GoText.quote(group), "should be a domain with at least one dot"));
        }
    }

    private void scope(String scope) {
        if (scope.isEmpty()) {
            errors.add(FieldError.required("spec.scope", ""));
        } else if (!scope.equals("Cluster") && !scope.equals("Namespaced")) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "spec.scope", GoText.quote(scope), "supported values: \"Cluster\", \"Namespaced\""));
        }
    }

    private void versions(JsonObject spec) {
        List<JsonObject> versions = objects(spec, "versions");
        if (versions.size() > MOST_VERSIONS) {
            errors.add(FieldError.of(FieldError.Type.TOO_MANY, "spec.versions", Integer.toString(versions.size()), "must have at most " + MOST_VERSIONS + " items"));
            return;
        }
        Set<String> seen = new HashSet<>();
        int stored = 0;
        for (int i = 0; i < versions.size(); i++) {
            JsonObject version = versions.get(i);
            seen.add(text(version, "name"));
            stored += flag(version, "storage") ? 1 : 0;
            version(version, "spec.versions[" + i + "]", spec);
        }
        if (seen.size() < versions.size()) {
            errors.add(FieldError.invalid("spec.versions", shown(spec), "must contain unique version names"));
        }
        if (stored != 1) {
            errors.add(FieldError.invalid("spec.versions", shown(spec), "must have exactly one version marked as storage version"));
        }
        String first = versions.isEmpty() ? "" : text(versions.get(0), "name");
        if (!first.isEmpty()) {
            label("spec.version", first, first, "");
        }
    }

    private void version(JsonObject version, String path, JsonObject spec) {
        label(path + ".name", text(version, "name"), text(version, "name"), "");
        JsonElement warning = version.get("deprecationWarning");
        if (warning != null) {
            deprecation(warning.getAsString(), flag(version, "deprecated"), path + ".deprecationWarning");
        }
        boolean hasSchema = !object(object(version, "schema"), "openAPIV3Schema").isEmpty() || object(version, "schema").has("openAPIV3Schema");
        if (!hasSchema) {
            errors.add(FieldError.required(path + ".schema.openAPIV3Schema", ""));
        }
        if (!same(spec, "schema") && hasSchema) {
            schema(version, path + ".schema.openAPIV3Schema");
        }
        if (!same(spec, "subresources")) {
            subresources(version, path);
        }
        if (!same(spec, "additionalPrinterColumns")) {
            columns(version, path);
        }
        if (!same(spec, "selectableFields")) {
            selectable(version, path);
        }
    }

    /** What all versions say alike is checked once. */
    private void common(JsonObject spec) {
        List<JsonObject> versions = objects(spec, "versions");
        if (versions.isEmpty()) {
            return;
        }
        JsonObject first = versions.get(0);
        if (same(spec, "schema") && object(first, "schema").has("openAPIV3Schema")) {
            schema(first, "spec.validation.openAPIV3Schema");
        }
        if (same(spec, "subresources")) {
            subresources(first, "spec");
        }
        if (same(spec, "additionalPrinterColumns")) {
            columns(first, "spec");
        }
        if (same(spec, "selectableFields")) {
            selectable(first, "spec");
        }
    }

    private static boolean same(JsonObject spec, String member) {
        List<JsonObject> versions = objects(spec, "versions");
        JsonElement first = versions.isEmpty() ? null : versions.get(0).get(member);
        return versions.stream().allMatch(version -> first == null ? !version.has(member) : first.equals(version.get(member)));
    }

    private void deprecation(String warning, boolean deprecated, String path) {
        if (!deprecated) {
            errors.add(FieldError.invalid(path, GoText.quote(warning), "can only be set for deprecated versions"));
        }
        if (warning.isEmpty()) {
            errors.add(FieldError.invalid(path, "\"\"", "must not be an empty string"));
        } else if (warning.length() > 256) {
            errors.add(FieldError.invalid(path, GoText.quote(warning), "must be <= 256 characters long"));
        }
        for (int i = 0; i < warning.length(); i++) {
            if (!GoText.isPrintable(warning.charAt(i))) {
                errors.add(FieldError.invalid(path, GoText.quote(warning),
                        "must only contain printable UTF-8 characters; non-printable character found at index " + i));
                return;
            }
        }
    }

    private void schema(JsonObject version, String path) {
        errors.addAll(new SchemaCheck(rules).check(object(object(version, "schema"), "openAPIV3Schema"), path));
    }

    private void subresources(JsonObject version, String path) {
        JsonObject scale = object(object(version, "subresources"), "scale");
        if (!object(version, "subresources").has("scale")) {
            return;
        }
        below(text(scale, "specReplicasPath"), ".spec.", "spec", path + ".subresources.scale.specReplicasPath");
        below(text(scale, "statusReplicasPath"), ".status.", "status", path + ".subresources.scale.statusReplicasPath");
        String selector = text(scale, "labelSelectorPath");
        if (!selector.isEmpty()) {
            String at = path + ".subresources.scale.labelSelectorPath";
            if (!JsonPath.isSimple(selector)) {
                errors.add(FieldError.invalid(at, GoText.quote(selector), "must be a simple json path starting with ."));
            } else if (!selector.startsWith(".spec.") && !selector.startsWith(".status.")) {
                errors.add(FieldError.invalid(at, GoText.quote(selector), "should be a json path under either .spec or .status"));
            }
        }
    }

    private void below(String value, String prefix, String part, String path) {
        if (value.isEmpty()) {
            errors.add(FieldError.required(path, ""));
        } else if (!JsonPath.isSimple(value)) {
            errors.add(FieldError.invalid(path, GoText.quote(value), "must be a simple json path starting with ."));
        } else if (!value.startsWith(prefix)) {
            errors.add(FieldError.invalid(path, GoText.quote(value), "should be a json path under ." + part));
        }
    }

    private void columns(JsonObject version, String path) {
        List<JsonObject> columns = objects(version, "additionalPrinterColumns");
        for (int i = 0; i < columns.size(); i++) {
            JsonObject column = columns.get(i);
            String at = path + ".additionalPrinterColumns[" + i + "]";
            String type = text(column, "type");
            String format = text(column, "format");
            String jsonPath = text(column, "jsonPath");
            if (text(column, "name").isEmpty()) {
                errors.add(FieldError.required(at + ".name", ""));
            }
            if (type.isEmpty()) {
                errors.add(FieldError.required(at + ".type", "must be one of " + String.join(",", COLUMN_TYPES)));
            } else if (!COLUMN_TYPES.contains(type)) {
                errors.add(FieldError.invalid(at + ".type", GoText.quote(type), "must be one of " + String.join(",", COLUMN_TYPES)));
            }
            if (!format.isEmpty() && !COLUMN_FORMATS.contains(format)) {
                errors.add(FieldError.invalid(at + ".format", GoText.quote(format), "must be one of " + String.join(",", COLUMN_FORMATS)));
            }
            if (jsonPath.isEmpty()) {
                errors.add(FieldError.required(at + ".JSONPath", ""));
            } else if (!JsonPath.isSimple(jsonPath)) {
                errors.add(FieldError.invalid(at + ".JSONPath", GoText.quote(jsonPath), "must be a simple json path starting with ."));
            }
        }
    }

    private void selectable(JsonObject version, String path) {
        List<JsonObject> fields = objects(version, "selectableFields");
        if (fields.size() > 8) {
            errors.add(FieldError.of(FieldError.Type.TOO_MANY, path + ".selectableFields", Integer.toString(fields.size()), "must have at most 8 items"));
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < fields.size(); i++) {
            String at = path + ".selectableFields[" + i + "].jsonPath";
            String jsonPath = text(fields.get(i), "jsonPath");
            if (jsonPath.isEmpty()) {
                errors.add(FieldError.required(at, ""));
                continue;
            }
            String problem = SelectableFields.problem(jsonPath, object(object(version, "schema"), "openAPIV3Schema"));
            if (problem != null) {
                errors.add(FieldError.invalid(at, GoText.quote(jsonPath), problem));
            } else if (!seen.add(jsonPath)) {
                errors.add(FieldError.of(FieldError.Type.DUPLICATE, at, GoText.quote(jsonPath), ""));
            }
        }
    }

    private void names(JsonObject names) {
        label("spec.names.plural", text(names, "plural"), text(names, "plural"), "");
        label("spec.names.singular", text(names, "singular"), text(names, "singular"), "");
        label("spec.names.kind", text(names, "kind"), text(names, "kind").toLowerCase(Locale.ROOT), MIXED);
        label("spec.names.listKind", text(names, "listKind"), text(names, "listKind").toLowerCase(Locale.ROOT), MIXED);
        List<String> shortNames = texts(names, "shortNames");
        for (int i = 0; i < shortNames.size(); i++) {
            label("spec.names.shortNames[" + i + "]", shortNames.get(i), shortNames.get(i), "");
        }
        if (!text(names, "kind").isEmpty() && text(names, "kind").equals(text(names, "listKind"))) {
            errors.add(FieldError.invalid("spec.names.listKind", GoText.quote(text(names, "listKind")), "kind and listKind may not be the same"));
        }
        List<String> categories = texts(names, "categories");
        for (int i = 0; i < categories.size(); i++) {
            label("spec.names.categories[" + i + "]", categories.get(i), categories.get(i), "");
        }
    }

    private void label(String path, String shown, String value, String words) {
        boolean mayBeEmpty = path.startsWith("spec.names.") && !path.endsWith("]");
        String problem = value.isEmpty() && mayBeEmpty ? null : Labels.problem(value);
        if (problem != null) {
            errors.add(FieldError.invalid(path, GoText.quote(shown), words + problem));
        }
    }

    private void conversion(JsonObject conversion) {
        String strategy = text(conversion, "strategy");
        JsonObject webhook = object(conversion, "webhook");
        if (strategy.isEmpty()) {
            errors.add(FieldError.required("spec.conversion.strategy", ""));
        } else if (!strategy.equals("None") && !strategy.equals("Webhook")) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "spec.conversion.strategy", GoText.quote(strategy),
                    "supported values: \"None\", \"Webhook\""));
        } else if (strategy.equals("Webhook")) {
            if (!webhook.has("clientConfig")) {
                errors.add(FieldError.required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
            }
            if (array(webhook, "conversionReviewVersions").isEmpty()) {
                errors.add(FieldError.required("spec.conversion.conversionReviewVersions", ""));
            }
            if (webhook.has("clientConfig") && !array(webhook, "conversionReviewVersions").isEmpty()) {
                // A stock server would take it; calling out of the API server is not offered here, and saying nothing would lose data.
                errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "spec.conversion.strategy", GoText.quote(strategy), "supported values: \"None\""));
            }
        } else {
            if (webhook.has("clientConfig")) {
                errors.add(FieldError.forbidden("spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook"));
            }
            if (!array(webhook, "conversionReviewVersions").isEmpty()) {
                errors.add(FieldError.forbidden("spec.conversion.conversionReviewVersions", "should not be set when strategy is not set to Webhook"));
            }
        }
    }

    private void storedVersions(JsonObject spec, JsonObject status) {
        List<String> stored = texts(status, "storedVersions");
        List<String> known = objects(spec, "versions").stream().map(version -> text(version, "name")).toList();
        if (stored.isEmpty()) {
            errors.add(FieldError.invalid("status.storedVersions", array(status, "storedVersions").isEmpty() && !status.has("storedVersions") ? "null"
                    : GoText.json(status.get("storedVersions")), "must have at least one stored version"));
            return;
        }
        String storage = "";
        for (JsonObject version : objects(spec, "versions")) {
            storage = flag(version, "storage") ? text(version, "name") : storage;
        }
        if (!storage.isEmpty() && !stored.contains(storage)) {
            errors.add(FieldError.invalid("status.storedVersions", GoText.json(array(status, "storedVersions")), "must have the storage version " + storage));
        }
        for (int i = 0; i < stored.size(); i++) {
            String version = stored.get(i);
            if (!known.contains(version)) {
                errors.add(FieldError.invalid("status.storedVersions[" + i + "]", GoText.quote(version), "missing from spec.versions; " + version
                        + " was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in "
                        + version + " and removes " + version + " from status.storedVersions"));
            }
        }
    }

    private void approval(JsonObject definition, String group) {
        boolean protectedGroup = group.endsWith(".k8s.io") || group.equals("k8s.io") || group.endsWith(".kubernetes.io") || group.equals("kubernetes.io");
        String approval = text(object(object(definition, "metadata"), "annotations"), APPROVAL);
        String path = "metadata.annotations[" + APPROVAL + "]";
        if (!protectedGroup || approval.startsWith("unapproved") || approval.matches("https?://[^/ ]+/.*")) {
            return;
        }
        String see = "see https://github.com/kubernetes/enhancements/pull/1111";
        errors.add(approval.isEmpty() ? FieldError.required(path, "protected groups must have approval annotation \"" + APPROVAL + "\", " + see)
                : FieldError.invalid(path, GoText.quote(approval), "protected groups must have approval annotation \"" + APPROVAL
                        + "\" with either a URL or a reason starting with \"unapproved\", " + see));
    }

    /** The versions as the error shows them: a Go struct, without what they have in common. */
    private static String shown(JsonObject spec) {
        JsonElement versions = spec.get("versions");
        if (versions == null || versions.isJsonNull()) {
            return "null";
        }
        JsonArray shown = new JsonArray();
        for (JsonObject version : objects(spec, "versions")) {
            JsonObject struct = new JsonObject();
            struct.addProperty("Name", text(version, "name"));
            struct.addProperty("Served", flag(version, "served"));
            struct.addProperty("Storage", flag(version, "storage"));
            struct.addProperty("Deprecated", flag(version, "deprecated"));
            struct.add("DeprecationWarning", version.has("deprecationWarning") ? version.get("deprecationWarning") : JsonNull.INSTANCE);
            for (String member : List.of("schema", "subresources", "additionalPrinterColumns", "selectableFields")) {
                struct.add(Character.toUpperCase(member.charAt(0)) + member.substring(1),
                        same(spec, member) || !version.has(member) ? JsonNull.INSTANCE : version.get(member));
            }
            shown.add(struct);
        }
        return shown.toString();
    }
}
