package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.Map;

/** Paths and operations of a kind, in OpenAPI 2.0 or 3.0: enough for clients that look up what a server can do. */
final class Operations {

    private static final Map<String, String> TYPES = Map.ofEntries(Map.entry("allowWatchBookmarks", "boolean"), Map.entry("force", "boolean"),
            Map.entry("gracePeriodSeconds", "integer"), Map.entry("limit", "integer"), Map.entry("orphanDependents", "boolean"),
            Map.entry("sendInitialEvents", "boolean"), Map.entry("timeoutSeconds", "integer"), Map.entry("watch", "boolean"));
    private static final List<String> LIST = List.of("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
            "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch");
    private static final List<String> WRITE = List.of("dryRun", "fieldManager", "fieldValidation");
    private static final List<String> PATCH = List.of("dryRun", "fieldManager", "fieldValidation", "force");
    private static final List<String> DELETE = List.of("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy");

    private final boolean v2;
    private final SchemaWriter schemas;
    private final ResourceType type;

    Operations(boolean v2, SchemaWriter schemas, ResourceType type) {
        this.v2 = v2;
        this.schemas = schemas;
        this.type = type;
    }

    void add(JsonObject paths) {
        String root = (type.group().isEmpty() ? "/api/" : "/apis/" + type.group() + "/") + type.version();
        String collection = root + (type.namespaced() ? "/namespaces/{namespace}/" : "/") + type.plural();
        String self = SchemaWriter.name(type);
        String middle = type.namespaced() ? "Namespaced" : "";
        JsonObject all = new JsonObject();
        all.add("get", operation("list", "list", middle + type.kind(), LIST, "", self + "List"));
        if (type.verbs().contains("create")) {
            all.add("post", operation("create", "post", middle + type.kind(), WRITE, self, self));
        }
        if (type.verbs().contains("deletecollection")) {
            all.add("delete", operation("delete", "deletecollection", "Collection" + middle + type.kind(), LIST, "", ""));
        }
        all.add("parameters", common(false));
        paths.add(collection, all);
        JsonObject one = new JsonObject();
        one.add("get", operation("read", "get", middle + type.kind(), List.of("resourceVersion"), "", self));
        one.add("put", operation("replace", "put", middle + type.kind(), WRITE, self, self));
        one.add("delete", operation("delete", "delete", middle + type.kind(), DELETE, "DeleteOptions", ""));
        one.add("patch", operation("patch", "patch", middle + type.kind(), PATCH, "Patch", self));
        one.add("parameters", common(true));
        paths.add(collection + "/{name}", one);
        if (type.hasStatus()) {
            JsonObject status = new JsonObject();
            status.add("get", operation("read", "get", middle + type.kind() + "Status", List.of("resourceVersion"), "", self));
            status.add("put", operation("replace", "put", middle + type.kind() + "Status", WRITE, self, self));
            status.add("patch", operation("patch", "patch", middle + type.kind() + "Status", PATCH, "Patch", self));
            status.add("parameters", common(true));
            paths.add(collection + "/{name}/status", status);
        }
        if (type.namespaced()) {
            JsonObject everywhere = new JsonObject();
            everywhere.add("get", operation("list", "list", type.kind() + "ForAllNamespaces", LIST, "", self + "List"));
            paths.add(root + "/" + type.plural(), everywhere);
        }
    }

    /**
     * @param body definition of what is sent; empty for nothing
     * @param answer definition of what comes back; empty for a Status
     */
    private JsonObject operation(String word, String action, String what, List<String> parameters, String body, String answer) {
        JsonObject operation = new JsonObject();
        operation.add("tags", CatalogDocuments.array(List.of(tag())));
        operation.addProperty("operationId", word + capital(tag().replace("_", "")) + what);
        JsonArray list = new JsonArray();
        JsonObject bodySchema = body.isEmpty() ? null : body.contains(".") ? schemas.reference(body) : schemas.metaReference(body);
        if (bodySchema != null) {
            body(operation, list, bodySchema, body);
        }
        parameters.forEach(name -> list.add(parameter(name, "query", false)));
        operation.add("parameters", list);
        JsonObject good = new JsonObject();
        good.addProperty("description", "OK");
        JsonObject answerSchema = answer.isEmpty() ? schemas.metaReference("Status") : schemas.reference(answer);
        if (v2) {
            good.add("schema", answerSchema);
            operation.add("produces", CatalogDocuments.array(List.of("application/json", "application/yaml")));
        } else {
            good.add("content", content(List.of("application/json", "application/yaml"), answerSchema));
        }
        JsonObject responses = new JsonObject();
        responses.add("200", good);
        operation.add("responses", responses);
        operation.addProperty("x-kubernetes-action", action);
        JsonObject kind = new JsonObject();
        kind.addProperty("group", type.group());
        kind.addProperty("version", type.version());
        kind.addProperty("kind", type.kind());
        operation.add("x-kubernetes-group-version-kind", kind);
        return operation;
    }

    private void body(JsonObject operation, JsonArray parameters, JsonObject schema, String name) {
        List<String> media = !name.equals("Patch") ? List.of("application/json", "application/yaml") : type.custom()
                ? List.of("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
                : List.of("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
                        "application/strategic-merge-patch+json");
        if (v2) {
            JsonObject body = new JsonObject();
            body.addProperty("name", "body");
            body.addProperty("in", "body");
            if (!name.equals("DeleteOptions")) {
                body.addProperty("required", true);
            }
            body.add("schema", schema);
            parameters.add(body);
            operation.add("consumes", CatalogDocuments.array(media));
        } else {
            JsonObject body = new JsonObject();
            body.add("content", content(media, schema));
            if (!name.equals("DeleteOptions")) {
                body.addProperty("required", true);
            }
            operation.add("requestBody", body);
        }
    }

    private static JsonObject content(List<String> media, JsonObject schema) {
        JsonObject content = new JsonObject();
        for (String one : media) {
            JsonObject typed = new JsonObject();
            typed.add("schema", schema);
            content.add(one, typed);
        }
        return content;
    }

    private JsonArray common(boolean named) {
        JsonArray list = new JsonArray();
        if (named) {
            list.add(parameter("name", "path", true));
        }
        if (type.namespaced()) {
            list.add(parameter("namespace", "path", true));
        }
        list.add(parameter("pretty", "query", false));
        return list;
    }

    private JsonObject parameter(String name, String in, boolean required) {
        JsonObject parameter = new JsonObject();
        parameter.addProperty("name", name);
        parameter.addProperty("in", in);
        if (required) {
            parameter.addProperty("required", true);
        }
        JsonObject schema = v2 ? parameter : new JsonObject();
        schema.addProperty("type", TYPES.getOrDefault(name, "string"));
        schema.addProperty("uniqueItems", true);
        if (!v2) {
            parameter.add("schema", schema);
        }
        return parameter;
    }

    /** {@code core_v1}, {@code rbacAuthorization_v1}, {@code exIo_v1}. */
    private String tag() {
        String group = type.group().isEmpty() ? "core" : type.group().replaceFirst("\\.k8s\\.io$", "");
        StringBuilder tag = new StringBuilder();
        for (String label : group.split("\\.")) {
            tag.append(tag.length() == 0 ? label : capital(label));
        }
        return tag.append('_').append(type.version()).toString();
    }

    private static String capital(String text) {
        StringBuilder capital = new StringBuilder(text);
        capital.setCharAt(0, Character.toUpperCase(text.charAt(0)));
        return capital.toString();
    }
}
