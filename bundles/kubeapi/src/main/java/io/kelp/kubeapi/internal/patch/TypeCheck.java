package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether an object fits its type, as far as ownership of fields depends on it; with the sentences of an API server. */
final class TypeCheck {

    private static final int MOST_PROBLEMS = 100;

    private final boolean duplicates;
    private final List<String> problems = new ArrayList<>();
    private final List<String> path = new ArrayList<>();

    private TypeCheck(boolean duplicates) {
        this.duplicates = duplicates;
    }

    /**
     * @param duplicates whether list items may be there twice: in what is stored they may
     * @return empty when it fits
     */
    static String problem(JsonElement value, FieldType type, boolean duplicates) {
        TypeCheck check = new TypeCheck(duplicates);
        check.check(value, type);
        return switch (check.problems.size()) {
            case 0 -> "";
            case 1 -> check.problems.get(0);
            default -> "errors:\n  " + String.join("\n  ", check.problems);
        };
    }

    private void check(JsonElement value, FieldType type) {
        switch (type.form(value)) {
            case MAP -> checkMap(value, type);
            case LIST -> checkList(value, type);
            case SCALAR -> checkScalar(value, type);
        }
    }

    private void checkScalar(JsonElement value, FieldType type) {
        if (value.isJsonNull()) {
            return;
        }
        JsonPrimitive scalar = value instanceof JsonPrimitive primitive ? primitive : null;
        switch (type.schema().intOrString() ? "" : type.schema().type()) {
            case "string" -> {
                if (scalar == null || !scalar.isString()) {
                    problem("expected string, got &value.valueUnstructured{Value:" + GoText.source(value) + "}");
                }
            }
            case "integer", "number" -> {
                if (scalar == null || !scalar.isNumber()) {
                    problem("expected numeric (int or float), got " + GoText.type(value));
                }
            }
            case "boolean" -> {
                if (scalar == null || !scalar.isBoolean()) {
                    problem("expected boolean, got &{" + GoText.plain(value) + "}");
                }
            }
            default -> {
                if (scalar == null) {
                    problem("expected any scalar, got &{" + GoText.plain(value) + "}");
                }
            }
        }
    }

    private void checkMap(JsonElement value, FieldType type) {
        if (value.isJsonNull()) {
            return;
        }
        if (!(value instanceof JsonObject object)) {
            problem("expected map, got &{" + GoText.plain(value) + "}");
            return;
        }
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            FieldType member = type.isAtomicMap() && type.isUntyped() ? FieldType.DEDUCED : type.member(entry.getKey());
            path.add(PathElement.field(entry.getKey()));
            if (member == null) {
                problem("field not declared in schema");
            } else {
                check(entry.getValue(), member);
            }
            path.remove(path.size() - 1);
        }
    }

    private void checkList(JsonElement value, FieldType type) {
        if (value.isJsonNull()) {
            return;
        }
        if (!(value instanceof JsonArray list)) {
            problem("expected list, got &{" + GoText.plain(value) + "}");
            return;
        }
        FieldType item = type.item();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            String element = "i:" + i;
            if (!type.isAtomicList()) {
                try {
                    element = ListItems.element(list.get(i), i, type);
                } catch (IllegalItemException e) {
                    problem(e.getMessage());
                    continue;
                }
                if (!seen.add(element) && !duplicates) {
                    problem("duplicate entries for key " + PathElement.show(List.of(element)));
                }
            }
            path.add(element);
            check(list.get(i), item);
            path.remove(path.size() - 1);
        }
    }

    private void problem(String text) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add(path.isEmpty() ? text : PathElement.show(path) + ": " + text);
        }
    }
}
