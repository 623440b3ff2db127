package io.kelp.kubeapi.internal.types;

import io.kelp.kubeapi.internal.schema.Schema;
import java.util.List;

/**
 * A type of the Go structs that a Kubernetes API server reads built-in kinds into. Clients see these types: in what is dropped
 * and kept when empty, and in the sentences about values that do not fit.
 */
sealed interface GoType {

    /** How Go prints the type in an error, for example {@code []v1.Container}. */
    String goName();

    /** The same type for those who know nothing of Go. */
    Schema schema();

    enum Base { STRING, BOOL, INTEGER, BYTES, QUANTITY, TIME, MICRO_TIME, INT_OR_STRING, RAW }

    /** @param bits of integers; 0 for everything else */
    record Scalar(String goName, Base base, int bits, Schema schema) implements GoType {}

    record ListOf(String goName, GoType element, Schema schema) implements GoType {}

    record MapOf(String goName, GoType value, Schema schema) implements GoType {}

    /** @param name without package, {@code Container} */
    record Struct(String goName, String name, List<Field> fields, Schema schema) implements GoType {}

    /**
     * A field as it is on the wire.
     *
     * @param pointer whether it can be told from its zero value when it is missing
     * @param omitEmpty left out when empty; structs are never empty
     * @param omitZero left out when zero, structs too
     */
    record Field(String name, GoType type, boolean pointer, boolean omitEmpty, boolean omitZero) {}
}
