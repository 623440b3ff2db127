package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import java.util.List;
import java.util.Map;

/**
 * What is special about a kind. Objects are trees of the requested version; methods that prepare change them in place.
 * Metadata that all kinds share (name, labels, annotations, owner references, finalizers, immutable uid …) is not their concern.
 * Implementations hold no state.
 */
public interface ResourceRules {

    /**
     * The object as the kind's own types would read and write it: without members that are not known, empty or null ones as
     * the kind keeps or drops them, quantities and times in their canonical form. Called with each object that a client wrote, also
     * with the outcome of a patch, after unknown members were looked for and before {@link #setDefaults}. May answer the same object.
     *
     * @throws ApiException 400 when a value does not fit its type
     */
    default JsonObject normalize(JsonObject object) throws ApiException {
        return object;
    }

    /** Fills in defaults; called after decoding a write and before validation. */
    default void setDefaults(JsonObject object) {}

    /**
     * Before an object is created: drops what clients may not set, completes what admission would. Its name and namespace are set.
     *
     * @throws ApiException 403 when admission refuses the object
     */
    default void prepareForCreate(JsonObject object, AdmissionContext context) throws ApiException {}

    /** @param subresource empty, or for example {@code status} */
    default void prepareForUpdate(JsonObject object, JsonObject old, String subresource) {}

    default List<FieldError> validate(JsonObject object) {
        return List.of();
    }

    /** Only what an update adds to {@link #validate}: immutable fields and the like. */
    default List<FieldError> validateUpdate(JsonObject object, JsonObject old, String subresource) {
        return List.of();
    }

    /** Sentences for the {@code Warning} header. */
    default List<String> warnings(JsonObject object) {
        return List.of();
    }

    /** As {@link #warnings(JsonObject)}, for kinds that do not warn alike about new and changed objects. */
    default List<String> warnings(JsonObject object, boolean created) {
        return warnings(object);
    }

    /** Checks a name; answers the sentence of the error, {@code null} when it is good. DNS subdomain unless told otherwise. */
    default String nameProblem(String name, boolean prefix) {
        return Names.subdomainProblem(name, prefix);
    }

    /** Fields for {@code fieldSelector} beside {@code metadata.name} and {@code metadata.namespace}; all that are supported, also empty ones. */
    default Map<String, String> selectableFields(JsonObject object) {
        return Map.of();
    }

    /** Whether {@code metadata.generation} counts changes of what is not metadata or status. */
    default boolean countsGeneration() {
        return false;
    }

    /**
     * How long a deletion may take before it is done: 0 to remove at once. Seconds.
     *
     * @param requested {@code gracePeriodSeconds} of the client, {@code null} when not given
     */
    default long gracePeriodSeconds(JsonObject object, Long requested) {
        return 0;
    }

    /**
     * Before a deletion begins: may add finalizers and say in the status what will happen. One that sets
     * {@code metadata.deletionTimestamp} itself decides alone when the object is to go.
     *
     * @param now RFC 3339
     */
    default void prepareForDelete(JsonObject object, String now) {}

    /** How objects look as {@code autoscaling/v1 Scale}; {@code null} when they cannot be scaled. */
    default ScaleView scale() {
        return null;
    }
}
