package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** OpenAPI 3.0: one document per group and version. */
final class OpenApiV3 {

    private final Map<String, List<ResourceType>> types = new TreeMap<>();
    private final Map<String, Schema> structs;

    OpenApiV3(List<ResourceType> all, Map<String, Schema> structs) {
        this.structs = structs;
        for (ResourceType type : all) {
            types.computeIfAbsent((type.group().isEmpty() ? "api" : "apis/" + type.group()) + "/" + type.version(), n -> new ArrayList<>()).add(type);
        }
    }

    /** {@code api/v1}, {@code apis/rbac.authorization.k8s.io/v1} … */
    Set<String> names() {
        return types.keySet();
    }

    /** A text that changes when the document does, and is quicker to make. */
    String fingerprint(String name) {
        StringBuilder text = new StringBuilder();
        for (ResourceType type : types.get(name)) {
            text.append(type.plural()).append(type.kind()).append(type.listKind()).append(type.namespaced()).append(type.subresources())
                    .append(type.rules().selectableFields(new JsonObject()).keySet());
            if (type.custom()) {
                text.append(type.schema().source());
            }
        }
        return text.toString();
    }

    JsonObject document(String name) {
        List<ResourceType> kinds = types.get(name);
        SchemaWriter schemas = new SchemaWriter(false, structs);
        JsonObject paths = new JsonObject();
        for (ResourceType type : kinds) {
            schemas.add(type);
            new Operations(false, schemas, type).add(paths);
        }
        JsonObject info = new JsonObject();
        info.addProperty("title", kinds.get(0).custom() ? "Kubernetes CRD Swagger" : "Kubernetes");
        info.addProperty("version", kinds.get(0).custom() ? "v0.1.0" : "unversioned");
        JsonObject components = new JsonObject();
        components.add("schemas", schemas.definitions());
        JsonObject document = new JsonObject();
        document.addProperty("openapi", "3.0.0");
        document.add("info", info);
        document.add("paths", paths);
        document.add("components", components);
        return document;
    }
}
