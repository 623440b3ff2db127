package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a value may be: the part of an OpenAPI schema that the API acts on. Immutable; built-in kinds and custom resources
 * use the same form.
 *
 * @param type {@code object}, {@code array}, {@code string}, {@code integer}, {@code number}, {@code boolean}; empty for any
 * @param properties by name, in order of declaration
 * @param items {@code null} when unknown
 * @param additional schema of members that are not in {@code properties}, {@code null} when there are none to be
 * @param defaultValue {@code null} for none
 * @param preserveUnknown {@code x-kubernetes-preserve-unknown-fields}
 * @param listType {@code atomic} (also when empty), {@code set} or {@code map}
 * @param listMapKeys for {@code map}
 * @param mapType {@code granular} (also when empty) or {@code atomic}; also {@code x-kubernetes-map-type} of objects
 * @param patchStrategy of strategic merge patches: empty, {@code merge}, {@code replace}, {@code retainKeys}, or two with a comma
 * @param patchMergeKey empty for none
 * @param source the schema as it was written, for what only custom resources have (pattern, bounds, enum, allOf …) and for
 *     documents; {@code null} for built-in kinds
 */
public record Schema(String type, String format, String description, Map<String, Schema> properties, Schema items, Schema additional,
        Set<String> required, JsonElement defaultValue, boolean nullable, boolean preserveUnknown, boolean intOrString, boolean embedded,
        String listType, List<String> listMapKeys, String mapType, String patchStrategy, String patchMergeKey, JsonObject source) {

    /** Anything goes, nothing is pruned. */
    public static final Schema ANY = new Schema("", "", "", Map.of(), null, null, Set.of(), null, true, true, false, false,
            "", List.of(), "", "", "", null);

    /** The schema of a member of an object; {@code null} when there is none. */
    public Schema member(String name) {
        Schema named = properties.get(name);
        return named != null ? named : additional;
    }
}
