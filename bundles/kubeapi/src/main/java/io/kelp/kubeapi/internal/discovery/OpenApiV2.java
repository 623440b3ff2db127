package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.List;
import java.util.Map;

/** OpenAPI 2.0: everything in one document, for clients that do not know version 3. */
final class OpenApiV2 {

    private final List<ResourceType> types;
    private final Map<String, Schema> structs;

    OpenApiV2(List<ResourceType> types, Map<String, Schema> structs) {
        this.types = types;
        this.structs = structs;
    }

    JsonObject document() {
        SchemaWriter schemas = new SchemaWriter(true, structs);
        JsonObject paths = new JsonObject();
        for (ResourceType type : types) {
            schemas.add(type);
            new Operations(true, schemas, type).add(paths);
        }
        JsonObject info = new JsonObject();
        info.addProperty("title", "Kubernetes");
        info.addProperty("version", "1.34");
        JsonObject document = new JsonObject();
        document.addProperty("swagger", "2.0");
        document.add("info", info);
        document.add("paths", paths);
        document.add("definitions", schemas.definitions());
        return document;
    }
}
