package io.kelp.kubeapi.internal.resource;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.function.Function;

/**
 * A column of {@code kubectl get}.
 *
 * @param type OpenAPI type: {@code string}, {@code integer}, {@code date} …
 * @param format for example {@code name}; may be empty
 * @param priority 0 is always shown, more only with {@code -o wide}
 * @param cell the cell of an object; ages come as RFC 3339 for custom resources of type {@code date} only as the elapsed text
 */
public record Column(String name, String type, String format, String description, int priority,
        Function<JsonObject, JsonElement> cell) {}
