package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import java.util.List;

/** Service accounts: of the secrets listed only the names count. */
final class ServiceAccountRules extends BuiltInRules {

    private static final String ENFORCE = "kubernetes.io/enforce-mountable-secrets";

    ServiceAccountRules(BuiltInCodec codec) {
        super(codec);
    }

    @Override
    public void prepareForCreate(JsonObject object, AdmissionContext context) {
        cleanSecrets(object);
    }

    @Override
    public void prepareForUpdate(JsonObject object, JsonObject old, String subresource) {
        cleanSecrets(object);
    }

    @Override
    public List<String> warnings(JsonObject object) {
        return !Tree.has(object, "metadata", "annotations", ENFORCE) ? List.of()
                : List.of("metadata.annotations[" + ENFORCE + "]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets");
    }

    private static void cleanSecrets(JsonObject object) {
        if (!Tree.has(object, "secrets")) {
            return;
        }
        JsonArray names = new JsonArray();
        for (JsonObject secret : Tree.objects(object, "secrets")) {
            JsonObject name = new JsonObject();
            if (!Tree.text(secret, "name").isEmpty()) {
                name.add("name", secret.get("name"));
            }
            names.add(name);
        }
        object.add("secrets", names);
    }
}
