package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events of the core group; those with {@code eventTime} are of the newer kind and have to say more. */
final class EventRules extends BuiltInRules {

    private static final int SHORT = 128;
    private static final int LONG = 1024;

    EventRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public List<FieldError> validate(JsonObject event) {
        Problems problems = new Problems();
        String namespace = Tree.text(event, "metadata", "namespace");
        String involved = Tree.text(event, "involvedObject", "namespace");
        if (Tree.text(event, "eventTime").isEmpty()) {
            boolean agree = involved.isEmpty() ? namespace.isEmpty() || namespace.equals("default") : involved.equals(namespace);
            if (!agree) {
                problems.invalid("involvedObject.namespace", involved, "does not match event.namespace");
            }
        } else {
            if (involved.isEmpty() && !namespace.equals("default") && !namespace.equals("kube-system")) {
                problems.invalid("involvedObject.namespace", involved, "does not match event.namespace");
            }
            String controller = Tree.text(event, "reportingComponent");
            if (controller.isEmpty()) {
                problems.required("reportingComponent", "");
            }
            problems.invalid("reportingComponent", controller, Formats.qualifiedName(controller));
            requireUpTo(problems, event, "reportingInstance");
            requireUpTo(problems, event, "action");
            requireUpTo(problems, event, "reason");
            if (Tree.text(event, "message").length() > LONG) {
                problems.invalid("message", "", "can have at most " + LONG + " characters");
            }
        }
        problems.invalid("namespace", namespace, Formats.subdomain(namespace));
        return problems.list();
    }

    @Override
    public Map<String, String> selectableFields(JsonObject event) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String name : List.of("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")) {
            fields.put("involvedObject." + name, Tree.text(event, "involvedObject", name));
        }
        String component = Tree.text(event, "source", "component");
        fields.put("reason", Tree.text(event, "reason"));
        fields.put("reportingComponent", Tree.text(event, "reportingComponent"));
        fields.put("source", component.isEmpty() ? Tree.text(event, "reportingComponent") : component);
        fields.put("type", Tree.text(event, "type"));
        return fields;
    }

    private static void requireUpTo(Problems problems, JsonObject event, String field) {
        String text = Tree.text(event, field);
        if (text.isEmpty()) {
            problems.required(field, "");
        } else if (text.length() > SHORT) {
            problems.invalid(field, "", "can have at most " + SHORT + " characters");
        }
    }
}
