package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import java.util.List;
import java.util.Set;

/**
 * {@code /healthz}, {@code /livez} and {@code /readyz}, whole, with {@code ?verbose}, or one check by its name.
 * A store that can be read but takes no writes makes the server unready, not dead: to restart it would not help.
 */
final class Health {

    private static final Set<String> ROOTS = Set.of("healthz", "livez", "readyz");
    private static final List<String> CHECKS = List.of("ping", "store");

    private final ApiStore store;

    Health(ApiStore store) {
        this.store = store;
    }

    /** @return whether the path is one of these */
    boolean answer(Target target, ApiRequest request, ApiResponse response) {
        String[] parts = target.path().substring(1).split("/", 2);
        if (!ROOTS.contains(parts[0]) || parts.length == 2 && !CHECKS.contains(parts[1])) {
            return false;
        }
        boolean good = storeAnswers() && !(parts[0].equals("readyz") && store.refusal().isPresent());
        int status = good || parts.length == 2 && parts[1].equals("ping") ? 200 : 500;
        if (parts.length == 2) {
            Answers.text(response, status, status == 200 ? "ok" : "the store does not answer or takes no writes");
        } else if (good && !request.has("verbose")) {
            Answers.text(response, status, "ok");
        } else {
            Answers.text(response, status, "[+]ping ok\n" + (good ? "[+]store ok\n" : "[-]store failed: reason withheld\n") + parts[0]
                    + (good ? " check passed\n" : " check failed\n"));
        }
        return true;
    }

    private boolean storeAnswers() {
        try {
            store.get(new ApiStore.Key(Admission.NAMESPACES, "", "default"));
            return true;
        } catch (ApiStore.StoreException e) {
            return false; // the store has logged why
        }
    }
}
