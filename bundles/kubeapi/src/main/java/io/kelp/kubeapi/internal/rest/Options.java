package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.FieldError;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code CreateOptions}, {@code UpdateOptions} and {@code PatchOptions} of a request.
 *
 * @param manager given or from the {@code User-Agent}
 */
record Options(boolean dryRun, String manager, Intake.Validation validation, boolean force) {

    private static final int MANAGER_LENGTH = 128;

    /**
     * @param kind for messages
     * @param apply whether it is a server-side apply, {@code null} when it is no patch
     */
    static Options of(ApiRequest request, String kind, Boolean apply) throws ApiException {
        List<FieldError> errors = new ArrayList<>();
        String manager = request.parameter("fieldManager");
        boolean force = request.has("force") && !request.parameter("force").equals("false") && !request.parameter("force").equals("0");
        if (apply != null && apply && manager.isEmpty()) {
            errors.add(FieldError.required("fieldManager", "is required for apply patch"));
        }
        if (apply != null && !apply && request.has("force")) {
            errors.add(FieldError.forbidden("force", "may not be specified for non-apply patch"));
        }
        if (manager.length() > MANAGER_LENGTH) {
            errors.add(FieldError.of(FieldError.Type.TOO_LONG, "fieldManager", "", "may not be more than " + MANAGER_LENGTH + " bytes"));
        }
        for (int i = 0; i < manager.length(); i++) {
            if (Character.isISOControl(manager.charAt(i))) {
                errors.add(FieldError.invalid("fieldManager", MetadataRules.quoted(manager),
                        String.format("invalid character U+%04X (at position %d)", (int) manager.charAt(i), i)));
                break;
            }
        }
        boolean dryRun = dryRun(request.query().getOrDefault("dryRun", List.of()), errors);
        Intake.Validation validation = switch (request.parameter("fieldValidation")) {
            case "", "Warn" -> Intake.Validation.WARN;
            case "Strict" -> Intake.Validation.STRICT;
            case "Ignore" -> Intake.Validation.IGNORE;
            default -> null;
        };
        if (validation == null) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "fieldValidation", MetadataRules.quoted(request.parameter("fieldValidation")),
                    "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""));
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid("meta.k8s.io", kind, "", errors);
        }
        return new Options(dryRun, manager.isEmpty() ? fromAgent(request.header("user-agent").orElse("")) : manager, validation, force);
    }

    static boolean dryRun(List<String> values, List<FieldError> errors) {
        if (values.stream().anyMatch(value -> !value.equals("All"))) {
            String shown = String.join(",", values.stream().map(MetadataRules::quoted).toList());
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, "dryRun", "[" + shown + "]", "supported values: \"All\""));
        }
        return !values.isEmpty();
    }

    private static String fromAgent(String agent) {
        String name = agent.split("/", 2)[0];
        StringBuilder printable = new StringBuilder();
        name.chars().filter(c -> !Character.isISOControl(c)).limit(MANAGER_LENGTH).forEach(c -> printable.append((char) c));
        return printable.toString();
    }
}
