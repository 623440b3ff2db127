package io.kelp.kubeapi.internal.crd;

import io.kelp.kubeapi.internal.schema.MetadataSchema;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a CustomResourceDefinition (apiextensions.k8s.io/v1) is made of: the structs of Kubernetes 1.34, with the types of their fields
 * and whether an empty one is written.
 */
final class DefinitionShape {

    /**
     * A field.
     *
     * @param type {@code string}, {@code bool}, {@code int32}, {@code int64}, {@code float64}, {@code bytes}, {@code time}, {@code JSON},
     *     {@code OrArray}, {@code OrBool}, {@code OrStrings} or the name of a struct; with {@code []} or {@code {}} in front for a list or a map
     * @param pointer whether zero is told from missing
     * @param always written even when empty
     * @param goType when it has a name of its own, else empty
     */
    record Field(String name, String type, boolean pointer, boolean always, String goType) {}

    private static final String TABLE = """
            CustomResourceDefinition
             kind string
             apiVersion string
             metadata metadata
             spec CustomResourceDefinitionSpec !
             status CustomResourceDefinitionStatus
            CustomResourceDefinitionSpec
             group string !
             names CustomResourceDefinitionNames !
             scope string ! =v1.ResourceScope
             versions []CustomResourceDefinitionVersion !
             conversion CustomResourceConversion *
             preserveUnknownFields bool
            CustomResourceDefinitionNames
             plural string !
             singular string
             shortNames []string
             kind string !
             listKind string
             categories []string
            CustomResourceDefinitionVersion
             name string !
             served bool !
             storage bool !
             deprecated bool
             deprecationWarning string *
             schema CustomResourceValidation *
             subresources CustomResourceSubresources *
             additionalPrinterColumns []CustomResourceColumnDefinition
             selectableFields []SelectableField
            CustomResourceColumnDefinition
             name string !
             type string !
             format string
             description string
             priority int32
             jsonPath string !
            SelectableField
             jsonPath string !
            CustomResourceSubresources
             status CustomResourceSubresourceStatus *
             scale CustomResourceSubresourceScale *
            CustomResourceSubresourceStatus
            CustomResourceSubresourceScale
             specReplicasPath string !
             statusReplicasPath string !
             labelSelectorPath string *
            CustomResourceConversion
             strategy string ! =v1.ConversionStrategyType
             webhook WebhookConversion *
            WebhookConversion
             clientConfig WebhookClientConfig *
             conversionReviewVersions []string !
            WebhookClientConfig
             url string *
             service ServiceReference *
             caBundle bytes
            ServiceReference
             namespace string !
             name string !
             path string *
             port int32 *
            CustomResourceDefinitionStatus
             conditions []CustomResourceDefinitionCondition !
             acceptedNames CustomResourceDefinitionNames !
             storedVersions []string !
            CustomResourceDefinitionCondition
             type string ! =v1.CustomResourceDefinitionConditionType
             status string ! =v1.ConditionStatus
             lastTransitionTime time
             reason string
             message string
            CustomResourceValidation
             openAPIV3Schema JSONSchemaProps *
            JSONSchemaProps
             id string
             $schema string =v1.JSONSchemaURL
             $ref string *
             description string
             type string
             format string
             title string
             default JSON *
             maximum float64 *
             exclusiveMaximum bool
             minimum float64 *
             exclusiveMinimum bool
             maxLength int64 *
             minLength int64 *
             pattern string
             maxItems int64 *
             minItems int64 *
             uniqueItems bool
             multipleOf float64 *
             enum []JSON
             maxProperties int64 *
             minProperties int64 *
             required []string
             items OrArray *
             allOf []JSONSchemaProps
             oneOf []JSONSchemaProps
             anyOf []JSONSchemaProps
             not JSONSchemaProps *
             properties {}JSONSchemaProps
             additionalProperties OrBool *
             patternProperties {}JSONSchemaProps
             dependencies {}OrStrings
             additionalItems OrBool *
             definitions {}JSONSchemaProps
             externalDocs ExternalDocumentation *
             example JSON *
             nullable bool
             x-kubernetes-preserve-unknown-fields bool *
             x-kubernetes-embedded-resource bool
             x-kubernetes-int-or-string bool
             x-kubernetes-list-map-keys []string
             x-kubernetes-list-type string *
             x-kubernetes-map-type string *
             x-kubernetes-validations []ValidationRule
            ExternalDocumentation
             description string
             url string
            ValidationRule
             rule string !
             message string
             messageExpression string
             reason string * =v1.FieldValueErrorReason
             fieldPath string
             optionalOldSelf bool *
            """;

    /** Fields of each struct, in the order of Kubernetes. */
    static final Map<String, List<Field>> STRUCTS = structs();

    private static final Map<String, Set<String>> REQUIRED = Map.of("CustomResourceDefinition", Set.of("spec"),
            "CustomResourceDefinitionSpec", Set.of("group", "names", "scope", "versions"), "CustomResourceDefinitionNames", Set.of("plural", "kind"),
            "CustomResourceDefinitionVersion", Set.of("name", "served", "storage"), "CustomResourceColumnDefinition", Set.of("name", "type", "jsonPath"),
            "SelectableField", Set.of("jsonPath"), "CustomResourceSubresourceScale", Set.of("specReplicasPath", "statusReplicasPath"),
            "CustomResourceConversion", Set.of("strategy"), "ValidationRule", Set.of("rule"));

    private final Map<String, Schema> schemas = new LinkedHashMap<>();
    private final Map<String, Map<String, Schema>> members = new LinkedHashMap<>(); // filled while schemas that hold themselves are made

    private DefinitionShape() {
    }

    /** What can stand for a schema, by the names of the types that Go has for it. */
    private static final Set<String> EITHER = Set.of("OrArray", "OrBool");

    /**
     * All schemas of the kind by the names that Kubernetes' documents have for them. Schemas of schemas hold themselves, so these must
     * not be hashed, compared or printed.
     */
    static Map<String, Schema> schemas() {
        DefinitionShape shape = new DefinitionShape();
        shape.struct("CustomResourceDefinition");
        Map<String, Schema> named = new LinkedHashMap<>();
        shape.schemas.forEach((name, schema) -> named.put("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
                + (EITHER.contains(name) || name.equals("OrStrings") ? "JSONSchemaProps" + name.replace("OrStrings", "OrStringArray") : name), schema));
        return Collections.unmodifiableMap(named);
    }

    private static Map<String, List<Field>> structs() {
        Map<String, List<Field>> structs = new LinkedHashMap<>();
        List<Field> fields = null;
        for (String line : TABLE.lines().toList()) {
            if (!line.startsWith(" ")) {
                fields = new ArrayList<>();
                structs.put(line, fields);
                continue;
            }
            String goType = "";
            boolean pointer = false;
            boolean always = false;
            String[] words = line.trim().split(" ");
            for (int i = 2; i < words.length; i++) {
                pointer |= words[i].equals("*");
                always |= words[i].equals("!");
                goType = words[i].startsWith("=") ? words[i].substring(1) : goType;
            }
            fields.add(new Field(words[0], words[1], pointer, always, goType));
        }
        return Collections.unmodifiableMap(structs);
    }

    private Schema struct(String name) {
        Schema known = schemas.get(name);
        if (known != null) {
            return known;
        }
        Map<String, Schema> properties = members.computeIfAbsent(name, n -> new LinkedHashMap<>());
        Schema schema = new Schema("object", "", "", Collections.unmodifiableMap(properties), null, null, REQUIRED.getOrDefault(name, Set.of()), null,
                false, false, false, false, "", List.of(), "", "", "", null);
        schemas.put(name, schema);
        for (Field field : STRUCTS.get(name)) {
            Schema value = of(field.type());
            if (field.name().equals("conditions")) {
                value = list(value.items(), "map", List.of("type"), "", "");
            } else if (field.name().equals("x-kubernetes-validations")) {
                value = list(value.items(), "map", List.of("rule"), "merge", "rule");
            }
            properties.put(field.name(), value);
        }
        return schema;
    }

    private Schema of(String type) {
        if (type.startsWith("[]")) {
            return list(of(type.substring(2)), "atomic", List.of(), "", "");
        }
        if (type.startsWith("{}")) {
            return new Schema("object", "", "", Map.of(), null, of(type.substring(2)), Set.of(), null, false, false, false, false, "", List.of(), "", "",
                    "", null);
        }
        return switch (type) {
            case "string" -> scalar("string", "");
            case "bytes" -> scalar("string", "byte");
            case "time" -> scalar("string", "date-time");
            case "bool" -> scalar("boolean", "");
            case "int32", "int64" -> scalar("integer", type);
            case "float64" -> scalar("number", "double");
            case "metadata" -> MetadataSchema.OBJECT_META;
            case "JSON", "OrStrings" -> schemas.computeIfAbsent(type, t -> new Schema("", "", "", Collections.unmodifiableMap(new LinkedHashMap<>()), null,
                    null, Set.of(), null, true, true, false, false, "", List.of(), "", "", "", null));
            case "OrArray", "OrBool" -> either(type);
            default -> struct(type);
        };
    }

    /** A schema or something else: the members of a schema are the only ones there can be. */
    private Schema either(String type) {
        Schema known = schemas.get(type);
        if (known == null) {
            Schema schema = struct("JSONSchemaProps");
            known = new Schema("", "", "", Collections.unmodifiableMap(members.get("JSONSchemaProps")), schema, null, Set.of(), null, false, false, false, false, "",
                    List.of(), "", "", "", null);
            schemas.put(type, known);
        }
        return known;
    }

    private static Schema list(Schema items, String listType, List<String> keys, String strategy, String mergeKey) {
        return new Schema("array", "", "", Map.of(), items, null, Set.of(), null, false, false, false, false, listType, keys, "", strategy, mergeKey, null);
    }

    private static Schema scalar(String type, String format) {
        return new Schema(type, format, "", Map.of(), null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }
}
