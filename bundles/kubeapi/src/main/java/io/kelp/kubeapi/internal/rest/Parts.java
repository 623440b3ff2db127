package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.internal.auth.Authenticator;
import io.kelp.kubeapi.internal.auth.Authorizer;
import io.kelp.kubeapi.internal.auth.IssuerDocuments;
import io.kelp.kubeapi.internal.discovery.Documents;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.patch.Patches;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What the pipeline works with.
 *
 * @param issuer documents for those who check tokens themselves, by path and host
 * @param handlers of what is not stored, by {@code group/version/plural}, with {@code /subresource} where there is one
 */
public record Parts(ResourceCatalog catalog, StoredObjects objects, Patches patches, FieldManagement fields, Documents documents,
        Authenticator authenticator, Authorizer authorizer, BiFunction<String, String, Optional<IssuerDocuments.Document>> issuer,
        Map<String, CreateHandler> handlers) {

    public Parts {
        handlers = Map.copyOf(handlers);
    }
}
