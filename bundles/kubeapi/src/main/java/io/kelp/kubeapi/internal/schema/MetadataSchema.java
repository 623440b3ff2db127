package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonPrimitive;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The schema of {@code metadata}, the same for all kinds (meta/v1 ObjectMeta). */
public final class MetadataSchema {

    private static final Schema STRING = of("string", "");
    private static final Schema BOOLEAN = of("boolean", "");
    private static final Schema TIME = of("string", "date-time");
    private static final Schema STRINGS = new Schema("object", "", "", Map.of(), null, STRING, Set.of(), null, false, false, false, false,
            "", List.of(), "", "", "", null);
    private static final Schema OWNER = object("atomic", Set.of("apiVersion", "kind", "name", "uid"), "apiVersion", STRING,
            "blockOwnerDeletion", BOOLEAN, "controller", BOOLEAN, "kind", STRING, "name", STRING, "uid", STRING);
    private static final Schema MANAGED = object("", Set.of(), "apiVersion", STRING, "fieldsType", STRING, "fieldsV1", Schema.ANY,
            "manager", STRING, "operation", STRING, "subresource", STRING, "time", TIME);

    /** ObjectMeta. */
    public static final Schema OBJECT_META = object("", Set.of(), "annotations", STRINGS, "creationTimestamp", TIME,
            "deletionGracePeriodSeconds", of("integer", "int64"), "deletionTimestamp", TIME, "finalizers", list(STRING, "set", "", "merge", ""),
            "generateName", STRING, "generation", of("integer", "int64"), "labels", STRINGS, "managedFields", list(MANAGED, "atomic", "", "", ""),
            "name", STRING, "namespace", STRING, "ownerReferences", list(OWNER, "map", "uid", "merge", "uid"), "resourceVersion", STRING,
            "selfLink", STRING, "uid", STRING);

    private MetadataSchema() {
    }

    static Schema of(String type, String format) {
        return new Schema(type, format, "", Map.of(), null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema list(Schema items, String listType, String key, String strategy, String mergeKey) {
        return new Schema("array", "", "", Map.of(), items, null, Set.of(), null, false, false, false, false, listType,
                key.isEmpty() ? List.of() : List.of(key), "", strategy, mergeKey, null);
    }

    /** @param members name and schema by turns */
    static Schema object(String mapType, Set<String> required, Object... members) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            properties.put((String) members[i], (Schema) members[i + 1]);
        }
        return new Schema("object", "", "", properties, null, null, required, null, false, false, false, false, "", List.of(), mapType, "", "", null);
    }

    static Schema withDefault(Schema s, String value) {
        return new Schema(s.type(), s.format(), s.description(), s.properties(), s.items(), s.additional(), s.required(), new JsonPrimitive(value),
                s.nullable(), s.preserveUnknown(), s.intOrString(), s.embedded(), s.listType(), s.listMapKeys(), s.mapType(), s.patchStrategy(),
                s.patchMergeKey(), s.source());
    }
}
