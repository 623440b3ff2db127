package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaRules;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What every write passes: the namespace has to live, the object has to be valid. */
final class Admission {

    static final String NAMESPACES = "/namespaces";
    private static final int KNOWN_NAMESPACES = 1000;

    private final ApiStore store;
    private final SchemaRules schemas;
    private final StoredObjects.Guard guard;
    private final InstantSource clock;
    private final Map<String, Life> namespaces = new ConcurrentHashMap<>();

    /** What was read from a version of a namespace: most objects are made in the same few. */
    private record Life(long revision, boolean ends) {}

    Admission(ApiStore store, SchemaRules schemas, StoredObjects.Guard guard, InstantSource clock) {
        this.store = store;
        this.schemas = schemas;
        this.guard = guard;
        this.clock = clock;
    }

    /** RFC 3339, seconds, UTC. */
    String now() {
        return now(0);
    }

    String now(long plusSeconds) {
        return clock.instant().plusSeconds(plusSeconds).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** New objects need a namespace that exists and is not about to go. */
    void checkNamespace(ResourceType type, String namespace, String name) throws ApiException {
        if (!type.namespaced()) {
            return;
        }
        ApiStore.Item found = store.get(new ApiStore.Key(NAMESPACES, "", namespace))
                .orElseThrow(() -> ApiException.notFound("namespaces", namespace));
        if (ends(found)) {
            ApiException forbidden = ApiException.forbidden(type.qualified(), name,
                    "unable to create new content in namespace " + namespace + " because it is being terminated");
            JsonObject cause = new JsonObject();
            cause.addProperty("reason", "NamespaceTerminating");
            cause.addProperty("message", "namespace " + namespace + " is being terminated");
            cause.addProperty("field", "metadata.namespace");
            JsonArray causes = new JsonArray();
            causes.add(cause);
            JsonObject details = forbidden.toStatus().getAsJsonObject("details");
            details.add("causes", causes);
            throw new ApiException(forbidden.code(), forbidden.reason(), forbidden.getMessage(), details);
        }
    }

    private boolean ends(ApiStore.Item namespace) {
        Life known = namespaces.get(namespace.key().name());
        if (known == null || known.revision() != namespace.revision()) {
            if (namespaces.size() >= KNOWN_NAMESPACES) {
                namespaces.clear();
            }
            known = new Life(namespace.revision(), Meta.deleting(Json.read(namespace.value())));
            namespaces.put(namespace.key().name(), known);
        }
        return known.ends();
    }

    /** @param old {@code null} for a new object */
    void validate(ResourceType type, JsonObject object, JsonObject old, Write write) throws ApiException {
        String subresource = write.subresource();
        guard.check(write.user(), type, type.namespaced() ? Meta.text(object, "namespace") : "", object, old);
        List<FieldError> errors = new ArrayList<>();
        if (old != null) {
            // Kubernetes asks twice, and clients see both causes.
            List<FieldError> update = MetadataRules.validateUpdate(object, old);
            errors.addAll(update);
            errors.addAll(update);
        }
        errors.addAll(MetadataRules.validate(object, type));
        schemas.validate(object, type.schema()).forEach(error -> errors.add(subresource.equals("status") ? ofStatus(error) : error));
        errors.addAll(type.rules().validate(object));
        if (old != null) {
            errors.addAll(schemas.validateUpdate(object, old, type.schema()));
            errors.addAll(type.rules().validateUpdate(object, old, subresource));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(type.group(), type.kind(), Meta.name(object), errors);
        }
    }

    /** A status that is written by itself is also named by itself in the sentence, though not in the path. */
    private static FieldError ofStatus(FieldError error) {
        boolean within = error.field().startsWith("status.");
        return within ? new FieldError(error.type(), error.field(), error.message().replace(error.field() + " in body", error.field().substring("status.".length()) + " in body"))
                : error;
    }

    AdmissionContext context(User user) {
        String now = now();
        return new AdmissionContext() {
            @Override
            public User user() {
                return user;
            }

            @Override
            public String now() {
                return now;
            }

            @Override
            public Optional<JsonObject> object(String collection, String namespace, String name) {
                return store.get(new ApiStore.Key(collection, namespace, name)).map(item -> Json.read(item.value()));
            }
        };
    }
}
