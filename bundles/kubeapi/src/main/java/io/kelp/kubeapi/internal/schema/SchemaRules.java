package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import java.util.List;

/** What a schema does to an object; paths start below the object, {@code spec.size}. Stateless. */
public interface SchemaRules {

    /**
     * Members that the schema does not know, with the words of strict decoding: {@code unknown field "spec.sise"}.
     *
     * @param limit most to return
     */
    List<String> unknownFields(JsonObject object, Schema schema, int limit);

    /** Removes members that the schema does not know, in place. {@code apiVersion}, {@code kind} and {@code metadata} stay. */
    void prune(JsonObject object, Schema schema);

    /** Fills in defaults, in place. */
    void setDefaults(JsonObject object, Schema schema);

    /** Everything that is wrong, in the order in which an API server says it. Types are checked for built-in kinds, too. */
    List<FieldError> validate(JsonObject object, Schema schema);

    /** What only an update can break (ratcheting is not done). */
    List<FieldError> validateUpdate(JsonObject object, JsonObject old, Schema schema);
}
