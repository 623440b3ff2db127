package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ClusterRoles and ClusterRoleBindings that each cluster has, as far as their kinds are served. What is missing is put back
 * at each start; what users added stays, and an object whose annotation {@code rbac.authorization.kubernetes.io/autoupdate} is
 * {@code false} is left alone.
 */
public final class DefaultRoles {

    private static final String MANAGER = "kube-apiserver";
    private static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";
    private static final Map<String, String> LABELS = Map.of("kubernetes.io/bootstrapping", "rbac-defaults");
    private static final Map<String, String> ANNOTATIONS = Map.of(AUTO_UPDATE, "true");

    private final Objects objects;
    private final ResourceCatalog catalog;

    public DefaultRoles(Objects objects, ResourceCatalog catalog) {
        this.objects = objects;
        this.catalog = catalog;
    }

    /** Creates and completes them; blocks for the store. */
    public void reconcile() throws ApiException {
        Optional<ResourceType> roles = catalog.stored(RbacAuthorizer.GROUP, "clusterroles");
        Optional<ResourceType> bindings = catalog.stored(RbacAuthorizer.GROUP, "clusterrolebindings");
        if (roles.isEmpty() || bindings.isEmpty()) {
            return;
        }
        for (JsonElement element : read()) {
            JsonObject wanted = element.getAsJsonObject();
            if (Trees.text(wanted, "kind").equals("ClusterRole")) {
                reconcile(roles.get(), role(wanted));
            } else {
                reconcileBinding(bindings.get(), binding(wanted));
            }
        }
    }

    private void reconcileBinding(ResourceType type, JsonObject wanted) throws ApiException {
        Optional<JsonObject> there = objects.get(type, "", Trees.text(wanted, "metadata", "name"));
        if (there.isPresent() && isOurs(there.get()) && !there.get().get("roleRef").equals(wanted.get("roleRef"))) {
            // What a binding refers to cannot be changed.
            objects.delete(type, "", Trees.text(wanted, "metadata", "name"), Trees.text(there.get(), "metadata", "uid"), "");
        }
        reconcile(type, wanted);
    }

    private void reconcile(ResourceType type, JsonObject wanted) throws ApiException {
        String name = Trees.text(wanted, "metadata", "name");
        Optional<JsonObject> there = objects.get(type, "", name);
        if (there.isEmpty()) {
            objects.create(type, wanted, MANAGER);
        } else if (isOurs(there.get()) && complete(there.get().deepCopy(), wanted)) {
            objects.update(type, "", name, "", MANAGER, current -> complete(current, wanted) ? current : null);
        }
    }

    private static boolean isOurs(JsonObject object) {
        return !Trees.text(object, "metadata", "annotations", AUTO_UPDATE).equals("false");
    }

    /** Adds what is missing, and tells whether anything was. */
    private static boolean complete(JsonObject object, JsonObject wanted) {
        boolean changed = addMissing(object.getAsJsonObject("metadata"), "labels", wanted.getAsJsonObject("metadata"));
        changed |= addMissing(object.getAsJsonObject("metadata"), "annotations", wanted.getAsJsonObject("metadata"));
        List<PolicyRule> held = PolicyRule.ofRole(object);
        for (JsonObject rule : Trees.objects(wanted, "rules")) {
            boolean covered = PolicyRule.of(rule).parts().stream().allMatch(part -> held.stream().anyMatch(have -> have.covers(part)));
            if (!covered) {
                array(object, "rules").add(rule.deepCopy());
                changed = true;
            }
        }
        for (JsonObject subject : Trees.objects(wanted, "subjects")) {
            if (!Trees.objects(object, "subjects").contains(subject)) {
                array(object, "subjects").add(subject.deepCopy());
                changed = true;
            }
        }
        for (JsonObject selector : Trees.objects(wanted, "aggregationRule", "clusterRoleSelectors")) {
            if (!Trees.objects(object, "aggregationRule", "clusterRoleSelectors").contains(selector)) {
                JsonObject rule = Trees.object(object, "aggregationRule");
                array(rule, "clusterRoleSelectors").add(selector.deepCopy());
                object.add("aggregationRule", rule);
                changed = true;
            }
        }
        return changed;
    }

    private static boolean addMissing(JsonObject metadata, String member, JsonObject wanted) {
        boolean changed = false;
        JsonObject there = Trees.object(metadata, member);
        for (Map.Entry<String, JsonElement> entry : wanted.getAsJsonObject(member).entrySet()) {
            if (!entry.getValue().equals(there.get(entry.getKey()))) {
                there.add(entry.getKey(), entry.getValue());
                changed = true;
            }
        }
        if (changed) {
            metadata.add(member, there);
        }
        return changed;
    }

    private static JsonArray array(JsonObject object, String member) {
        if (!(object.get(member) instanceof JsonArray)) {
            object.add(member, new JsonArray());
        }
        return object.getAsJsonArray(member);
    }

    private static JsonObject role(JsonObject description) {
        JsonObject role = object(description);
        for (String member : List.of("aggregationRule", "rules")) {
            if (description.has(member)) {
                role.add(member, description.get(member));
            }
        }
        return role;
    }

    private static JsonObject binding(JsonObject description) {
        JsonObject binding = object(description);
        JsonObject role = new JsonObject();
        role.addProperty("apiGroup", RbacAuthorizer.GROUP);
        role.addProperty("kind", "ClusterRole");
        role.addProperty("name", Trees.text(description, "role"));
        binding.add("roleRef", role);
        List<JsonObject> subjects = new ArrayList<>();
        for (String group : Trees.texts(description, "groups")) {
            JsonObject subject = new JsonObject();
            subject.addProperty("apiGroup", RbacAuthorizer.GROUP);
            subject.addProperty("kind", "Group");
            subject.addProperty("name", group);
            subjects.add(subject);
        }
        if (!subjects.isEmpty()) {
            JsonArray all = new JsonArray();
            subjects.forEach(all::add);
            binding.add("subjects", all);
        }
        return binding;
    }

    private static JsonObject object(JsonObject description) {
        JsonObject labels = Trees.object(description, "labels").deepCopy();
        LABELS.forEach(labels::addProperty);
        JsonObject annotations = new JsonObject();
        ANNOTATIONS.forEach(annotations::addProperty);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", Trees.text(description, "name"));
        metadata.add("labels", labels);
        metadata.add("annotations", annotations);
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", RbacAuthorizer.GROUP + "/v1");
        object.addProperty("kind", Trees.text(description, "kind"));
        object.add("metadata", metadata);
        return object;
    }

    private static JsonArray read() {
        try (InputStream in = DefaultRoles.class.getResourceAsStream("default-roles.json");
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonArray();
        } catch (IOException e) {
            throw new UncheckedIOException("The default roles cannot be read from the program", e);
        }
    }
}
