package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.User;
import java.util.Optional;

/** What preparing an object may look at. */
public interface AdmissionContext {

    User user();

    /** RFC 3339, seconds, UTC. */
    String now();

    /** Another object, for example a RuntimeClass; empty when it does not exist. */
    Optional<JsonObject> object(String collection, String namespace, String name);
}
