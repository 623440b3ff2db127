package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.Names;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is asked of the metadata of every kind, in the words of Kubernetes (apimachinery, {@code ObjectMeta} validation). */
final class MetadataRules {

    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final int NAME_LENGTH = 63;
    private static final int ANNOTATIONS_SIZE = 256 * 1024;
    private static final Set<String> STANDARD_FINALIZERS = Set.of("kubernetes", Meta.ORPHAN, Meta.FOREGROUND);

    private MetadataRules() {
    }

    static List<FieldError> validate(JsonObject object, ResourceType type) {
        JsonObject metadata = Meta.of(object);
        List<FieldError> errors = new ArrayList<>();
        names(metadata, type, errors);
        if (Meta.number(object, "generation") < 0) {
            errors.add(FieldError.invalid("metadata.generation", metadata.get("generation").toString(), "must be greater than or equal to 0"));
        }
        common(metadata, errors);
        finalizers(Json.array(metadata, "finalizers"), !type.custom() && !type.group().equals("apiextensions.k8s.io"), errors);
        return errors;
    }

    private static void names(JsonObject metadata, ResourceType type, List<FieldError> errors) {
        String generateName = Json.text(metadata, "generateName");
        if (!generateName.isEmpty()) {
            String problem = type.rules().nameProblem(generateName, true);
            if (problem != null) {
                errors.add(FieldError.invalid("metadata.generateName", quoted(generateName), problem));
            }
        }
        String name = Json.text(metadata, "name");
        if (name.isEmpty()) {
            errors.add(FieldError.required("metadata.name", "name or generateName is required"));
        } else {
            String problem = type.rules().nameProblem(name, false);
            if (problem != null) {
                errors.add(FieldError.invalid("metadata.name", quoted(name), problem));
            }
        }
        String namespace = Json.text(metadata, "namespace");
        if (type.namespaced()) {
            if (namespace.isEmpty()) {
                errors.add(FieldError.required("metadata.namespace", ""));
            } else if (Names.labelProblem(namespace, false) != null) {
                errors.add(FieldError.invalid("metadata.namespace", quoted(namespace), Names.labelProblem(namespace, false)));
            }
        } else if (!namespace.isEmpty()) {
            errors.add(FieldError.forbidden("metadata.namespace", "not allowed on this type"));
        }
    }

    private static void common(JsonObject metadata, List<FieldError> errors) {
        for (Map.Entry<String, String> label : sorted(metadata, "labels").entrySet()) {
            keyErrors(label.getKey(), label.getKey(), "metadata.labels", errors);
            labelValueProblems(label.getValue()).forEach(p -> errors.add(FieldError.invalid("metadata.labels", quoted(label.getValue()), p)));
        }
        long size = 0;
        for (Map.Entry<String, String> annotation : sorted(metadata, "annotations").entrySet()) {
            keyErrors(annotation.getKey().toLowerCase(Locale.ROOT), annotation.getKey(), "metadata.annotations", errors);
            size += annotation.getKey().length() + annotation.getValue().length();
        }
        if (size > ANNOTATIONS_SIZE) {
            errors.add(FieldError.of(FieldError.Type.TOO_LONG, "metadata.annotations", "", "may not be more than " + ANNOTATIONS_SIZE + " bytes"));
        }
        owners(Json.array(metadata, "ownerReferences"), errors);
    }

    private static void owners(JsonArray owners, List<FieldError> errors) {
        String controller = null;
        for (JsonElement element : owners) {
            JsonObject owner = element.getAsJsonObject();
            String field = "metadata.ownerReferences";
            String apiVersion = Json.text(owner, "apiVersion");
            int slash = apiVersion.indexOf('/');
            if (apiVersion.isEmpty() || slash == apiVersion.length() - 1 || apiVersion.indexOf('/', slash + 1) > 0) {
                errors.add(FieldError.invalid(field + ".apiVersion", quoted(apiVersion), "version must not be empty"));
            }
            for (String required : List.of("kind", "name", "uid")) {
                if (Json.text(owner, required).isEmpty()) {
                    errors.add(FieldError.invalid(field + "." + required, "\"\"", "must not be empty"));
                }
            }
            String kind = Json.text(owner, "kind");
            if (apiVersion.equals("v1") && kind.equals("Event")) {
                errors.add(FieldError.invalid(field, owner.toString(), "/v1, Kind=Event is disallowed from being an owner"));
            }
            if (owner.get("controller") instanceof JsonPrimitive yes && yes.isBoolean() && yes.getAsBoolean()) {
                String name = kind + "/" + Json.text(owner, "name");
                if (controller != null) {
                    errors.add(FieldError.invalid(field, owners.toString(), "Only one reference can have Controller set to true. Found \"true\" in references for "
                            + controller + " and " + name));
                } else {
                    controller = name;
                }
            }
        }
    }

    /** @param core whether names without a domain have to be known, as for the kinds of Kubernetes itself */
    private static void finalizers(JsonArray finalizers, boolean core, List<FieldError> errors) {
        List<FieldError> standard = new ArrayList<>();
        boolean orphan = false;
        boolean foreground = false;
        for (int i = 0; i < finalizers.size(); i++) {
            String finalizer = finalizers.get(i).getAsString();
            for (String problem : qualifiedProblems(finalizer)) {
                errors.add(FieldError.invalid("metadata.finalizers", quoted(finalizer), problem));
            }
            if (core && !finalizer.contains("/") && !STANDARD_FINALIZERS.contains(finalizer)) {
                standard.add(FieldError.invalid("metadata.finalizers[" + i + "]", quoted(finalizer),
                        "name is neither a standard finalizer name nor is it fully qualified"));
            }
            orphan |= finalizer.equals(Meta.ORPHAN);
            foreground |= finalizer.equals(Meta.FOREGROUND);
        }
        errors.addAll(standard);
        if (orphan && foreground) {
            errors.add(FieldError.invalid("metadata.finalizers", finalizers.toString(), "finalizer orphan and foregroundDeletion cannot be both set"));
        }
    }

    /** What an update may not change. Call after the fields that an update inherits were taken over. */
    static List<FieldError> validateUpdate(JsonObject object, JsonObject old) {
        List<FieldError> errors = new ArrayList<>();
        if (Meta.deleting(old)) {
            List<String> added = new ArrayList<>(Meta.finalizers(object));
            added.removeAll(Meta.finalizers(old));
            if (!added.isEmpty()) {
                errors.add(FieldError.forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
                        + String.join(", ", added.stream().map(MetadataRules::quoted).toList()) + "}"));
            }
        }
        common(Meta.of(object), errors);
        if (Meta.number(object, "generation") < Meta.number(old, "generation")) {
            errors.add(FieldError.invalid("metadata.generation", Long.toString(Meta.number(object, "generation")), "must not be decremented"));
        }
        for (String field : List.of("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            JsonElement now = Meta.of(object).get(field);
            JsonElement before = Meta.of(old).get(field);
            if (now == null ? before != null : !now.equals(before)) {
                errors.add(FieldError.invalid("metadata." + field, now == null ? "null" : now.toString(), "field is immutable"));
            }
        }
        return errors;
    }

    /** {@code prefix/name}, prefix optional. */
    static List<String> qualifiedProblems(String key) {
        List<String> problems = new ArrayList<>();
        String[] parts = key.split("/", -1);
        String name = parts[parts.length - 1];
        if (parts.length > 2) {
            return List.of("a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
                    + " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '" + QUALIFIED.pattern() + "')"
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        }
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                problems.add("prefix part must be non-empty");
            } else if (Names.subdomainProblem(parts[0], false) != null) {
                problems.add("prefix part " + Names.subdomainProblem(parts[0], false));
            }
        }
        if (name.isEmpty()) {
            problems.add("name part must be non-empty");
        } else if (name.length() > NAME_LENGTH) {
            problems.add("name part must be no more than " + NAME_LENGTH + " characters");
        }
        if (!QUALIFIED.matcher(name).matches()) {
            problems.add("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
                    + " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '" + QUALIFIED.pattern() + "')");
        }
        return problems;
    }

    static List<String> labelValueProblems(String value) {
        List<String> problems = new ArrayList<>();
        if (value.length() > NAME_LENGTH) {
            problems.add("must be no more than " + NAME_LENGTH + " characters");
        }
        if (!LABEL_VALUE.matcher(value).matches()) {
            problems.add("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                    + " alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '" + LABEL_VALUE.pattern() + "')");
        }
        return problems;
    }

    private static void keyErrors(String checked, String shown, String field, List<FieldError> errors) {
        qualifiedProblems(checked).forEach(problem -> errors.add(FieldError.invalid(field, quoted(shown), problem)));
    }

    private static Map<String, String> sorted(JsonObject metadata, String field) {
        JsonObject map = Json.object(metadata, field);
        Map<String, String> result = new TreeMap<>();
        if (map != null) {
            map.entrySet().forEach(entry -> result.put(entry.getKey(), entry.getValue().getAsString()));
        }
        return result;
    }

    static String quoted(String text) {
        return new JsonPrimitive(text).toString();
    }
}
