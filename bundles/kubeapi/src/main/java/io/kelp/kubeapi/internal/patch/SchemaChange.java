package io.kelp.kubeapi.internal.patch;

import java.util.Map;

/** Follows a schema in which a list or an object has become one field: who owned a part of it now owns it. */
final class SchemaChange {

    private SchemaChange() {
    }

    static FieldSet reconcile(FieldSet fields, FieldType type) {
        FieldSet result = fields;
        for (Map.Entry<String, FieldSet> entry : fields.children().entrySet()) {
            FieldType below = type.below(entry.getKey());
            if (below == null || entry.getValue().isEmpty()) {
                continue;
            }
            boolean whole = entry.getValue().hasItems() ? below.mayBeList() && below.isAtomicList()
                    : below.mayBeMap() && below.isAtomicMap() && !below.isUntyped();
            FieldSet now = whole ? FieldSet.EMPTY : reconcile(entry.getValue(), below);
            if (now != entry.getValue()) {
                result = result.replace(entry.getKey(), now, whole);
            }
        }
        return result;
    }
}
