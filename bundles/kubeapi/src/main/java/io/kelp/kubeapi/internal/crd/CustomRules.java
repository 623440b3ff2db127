package io.kelp.kubeapi.internal.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.AdmissionContext;
import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.resource.ScaleView;
import io.kelp.kubeapi.internal.schema.GoText;
import java.util.List;
import java.util.Map;

/**
 * Rules of custom resources beside their schema.
 *
 * @param qualified plural and group, as messages name the resource
 * @param selectable paths of selectable fields, {@code .spec.color}
 * @param scaling {@code null} when there is no scale subresource
 * @param warning empty unless the version is deprecated
 * @param terminating whether the definition is about to go
 */
record CustomRules(String qualified, List<String> selectable, ReplicaScale scaling, String warning, boolean terminating) implements ResourceRules {

    /** Numbers are kept as Go's: {@code 6.0} becomes {@code 6}. */
    @Override
    public JsonObject normalize(JsonObject object) {
        numbers(object);
        return object;
    }

    private static void numbers(JsonElement value) {
        if (value instanceof JsonObject object) {
            object.entrySet().forEach(member -> member.setValue(number(member.getValue())));
        } else if (value instanceof JsonArray list) {
            for (int i = 0; i < list.size(); i++) {
                list.set(i, number(list.get(i)));
            }
        }
    }

    private static JsonElement number(JsonElement value) {
        if (value instanceof JsonPrimitive scalar && scalar.isNumber() && !GoText.isInteger(scalar) && Double.isFinite(scalar.getAsDouble())) {
            return new JsonPrimitive(new LazilyParsedNumber(GoText.json(scalar)));
        }
        numbers(value);
        return value;
    }

    @Override
    public void prepareForCreate(JsonObject object, AdmissionContext context) throws ApiException {
        if (terminating) {
            throw ApiException.forbidden(qualified, Members.text(Members.object(object, "metadata"), "name"),
                    "create not allowed while custom resource definition is terminating");
        }
    }

    @Override
    public List<FieldError> validate(JsonObject object) {
        return scaling == null ? List.of() : scaling.validate(object);
    }

    @Override
    public List<String> warnings(JsonObject object) {
        return warning.isEmpty() ? List.of() : List.of(warning);
    }

    @Override
    public Map<String, String> selectableFields(JsonObject object) {
        return SelectableFields.of(object, selectable);
    }

    @Override
    public boolean countsGeneration() {
        return true;
    }

    @Override
    public ScaleView scale() {
        return scaling;
    }
}
