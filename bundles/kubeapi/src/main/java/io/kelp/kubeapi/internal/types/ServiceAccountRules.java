package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.AdmissionContext;

/** Service accounts: of the secrets listed only the names count. */
final class ServiceAccountRules extends BuiltInRules {

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
