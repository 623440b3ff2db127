package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.security.SecureRandom;
import java.util.UUID;

/** Creates objects. */
final class Creation {

    /** Without vowels and what looks alike, as Kubernetes has it, so that no words come about. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final int RANDOM_LENGTH = 5;
    private static final int LONGEST_PREFIX = 63 - RANDOM_LENGTH;
    private static final int ATTEMPTS = 8;

    private final ApiStore store;
    private final Forms forms;
    private final Admission admission;
    private final FieldManagement fields;
    private final SecureRandom random = new SecureRandom();

    Creation(ApiStore store, Forms forms, Admission admission, FieldManagement fields) {
        this.store = store;
        this.forms = forms;
        this.admission = admission;
        this.fields = fields;
    }

    /** @param object taken in, in the version of the type; is changed */
    Write.Result create(ResourceType type, String namespace, JsonObject object, Write write) throws ApiException {
        JsonObject metadata = Meta.of(object);
        if (metadata.has("resourceVersion")) {
            throw new ApiException(500, "", "resourceVersion should not be set on objects to be created", null);
        }
        admission.checkNamespace(type, namespace, Json.text(metadata, "name"));
        boolean generated = !metadata.has("name") && metadata.has("generateName");
        for (int attempt = 1;; attempt++) {
            JsonObject candidate = generated ? object.deepCopy() : object;
            if (generated) {
                Meta.of(candidate).addProperty("name", generate(Json.text(metadata, "generateName")));
            }
            complete(type, namespace, candidate, write);
            ApiStore.Key key = type.key(namespace, Meta.name(candidate));
            try {
                return write(type, key, candidate, write);
            } catch (ApiStore.ConflictException e) {
                if (!generated || attempt == ATTEMPTS) {
                    throw exists(type, key);
                }
            }
        }
    }

    private void complete(ResourceType type, String namespace, JsonObject object, Write write) throws ApiException {
        JsonObject metadata = Meta.of(object);
        metadata.remove("deletionTimestamp");
        metadata.remove("deletionGracePeriodSeconds");
        if (type.namespaced()) {
            metadata.addProperty("namespace", namespace);
        }
        metadata.addProperty("uid", UUID.randomUUID().toString());
        metadata.addProperty("creationTimestamp", admission.now());
        if (type.custom() && type.hasStatus()) {
            object.remove("status");
        }
        if (!write.applied()) {
            fields.track(null, object, type, write.manager(), write.subresource(), admission.now());
        }
        if (type.custom() || type.rules().countsGeneration()) {
            metadata.addProperty("generation", 1);
        }
        type.rules().prepareForCreate(object, admission.context(write.user()));
        admission.validate(type, object, null, write);
        ObjectSize.check(object);
    }

    private Write.Result write(ResourceType type, ApiStore.Key key, JsonObject object, Write write) throws ApiStore.ConflictException {
        if (write.dryRun()) {
            var there = store.get(key);
            if (there.isPresent()) {
                throw new ApiStore.ConflictException(key, there.get().revision());
            }
        } else {
            ApiStore.Item item = store.write(key, 0, Stored.form(forms.toStored(type, object)));
            Meta.of(object).addProperty("resourceVersion", Long.toString(item.revision()));
            if (type.version().equals(type.storageVersion())) {
                return new Write.Result(object, true, false, item.value());
            }
        }
        return new Write.Result(forms.throughStored(type, object), true, false);
    }

    private ApiException exists(ResourceType type, ApiStore.Key key) {
        ApiException refusal = ApiException.alreadyExists(type.qualified(), key.name());
        boolean leaving = store.get(key).map(item -> Meta.deleting(Json.read(item.value()))).orElse(false);
        return leaving ? new ApiException(refusal.code(), refusal.reason(), "object is being deleted: " + refusal.getMessage(),
                refusal.toStatus().getAsJsonObject("details")) : refusal;
    }

    private String generate(String prefix) {
        StringBuilder name = new StringBuilder(prefix.length() > LONGEST_PREFIX ? prefix.substring(0, LONGEST_PREFIX) : prefix);
        for (int i = 0; i < RANDOM_LENGTH; i++) {
            name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return name.toString();
    }
}
