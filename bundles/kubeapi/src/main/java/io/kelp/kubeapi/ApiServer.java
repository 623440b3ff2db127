package io.kelp.kubeapi;

import io.kelp.kubeapi.internal.auth.Credentials;
import io.kelp.kubeapi.internal.auth.EscalationCheck;
import io.kelp.kubeapi.internal.auth.IssuerDocuments;
import io.kelp.kubeapi.internal.auth.RbacAuthorizer;
import io.kelp.kubeapi.internal.auth.ReviewTypes;
import io.kelp.kubeapi.internal.auth.Reviews;
import io.kelp.kubeapi.internal.auth.ServiceAccountTokens;
import io.kelp.kubeapi.internal.auth.TokenKeys;
import io.kelp.kubeapi.internal.control.Housekeeping;
import io.kelp.kubeapi.internal.crd.CustomTypes;
import io.kelp.kubeapi.internal.discovery.CatalogDocuments;
import io.kelp.kubeapi.internal.patch.FieldManager;
import io.kelp.kubeapi.internal.patch.PatchEngine;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.rest.Parts;
import io.kelp.kubeapi.internal.rest.Pipeline;
import io.kelp.kubeapi.internal.rest.PodBinding;
import io.kelp.kubeapi.internal.rest.PodEviction;
import io.kelp.kubeapi.internal.rest.StoredObjects;
import io.kelp.kubeapi.internal.schema.Schema;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import io.kelp.kubeapi.internal.types.BuiltInTypes;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Kubernetes-compatible API on a store: everything between the transport and the disk. It brings the kinds that a node
 * and its workloads need, custom resources, and what a cluster does by itself with them.
 *
 * <p>Threads of its own: some for the work in the background, one for all watches, a few for long lists. Safe for use by
 * several threads.
 */
public final class ApiServer implements AutoCloseable {

    private final Deque<Runnable> endings = new ArrayDeque<>(); // what was begun last first
    private final Pipeline pipeline;

    /**
     * Builds and starts everything; when it returns, requests can be served.
     *
     * @param store stays its giver's: it is not closed with the server
     * @throws ApiException when what every cluster has cannot be created in the store; nothing goes on then
     */
    public ApiServer(ApiStore store, ApiSettings settings) throws ApiException {
        try {
            pipeline = start(store, settings);
        } catch (ApiException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private Pipeline start(ApiStore store, ApiSettings settings) throws ApiException {
        InstantSource clock = InstantSource.system();
        StructuralRules schemas = new StructuralRules();
        FieldManager fields = new FieldManager();
        BuiltInSchemas builtIn = BuiltInSchemas.load();
        List<ResourceType> types = new ArrayList<>(BuiltInTypes.all(builtIn));
        types.addAll(ReviewTypes.all(builtIn));
        CustomTypes customTypes = new CustomTypes(schemas, clock);
        endings.push(customTypes::close);
        types.add(customTypes.definitionType());
        ResourceCatalog catalog = new ResourceCatalog(types);
        Map<String, Schema> structs = new HashMap<>(builtIn.definitions());
        structs.putAll(customTypes.structs());
        TokenKeys keys = new TokenKeys(settings.tokenKeys());
        ServiceAccountTokens tokens = new ServiceAccountTokens(store, keys, settings.issuer(), clock);
        Credentials credentials = new Credentials(settings.tokens(), tokens);
        RbacAuthorizer authorizer = new RbacAuthorizer(store);
        endings.push(authorizer::close);
        StoredObjects objects = new StoredObjects(store, catalog, fields, schemas, new EscalationCheck(authorizer)::check, clock);
        Map<String, CreateHandler> handlers = new HashMap<>(Reviews.handlers(builtIn, store, credentials, tokens, authorizer, clock));
        handlers.put("/v1/pods/binding", new PodBinding(objects, catalog));
        handlers.put("/v1/pods/eviction", new PodEviction(objects, catalog));
        customTypes.start(store, catalog, objects);
        Housekeeping housekeeping = new Housekeeping(store, objects, catalog, settings);
        endings.push(housekeeping::close);
        housekeeping.start();
        Pipeline made = new Pipeline(new Parts(catalog, objects, new PatchEngine(), fields,
                new CatalogDocuments(catalog, settings.gitVersion(), structs), credentials, authorizer,
                new IssuerDocuments(keys, settings.issuer())::find, handlers), clock);
        endings.push(made::close);
        return made;
    }

    /**
     * Answers a request. May block for the store; long lists and watches go on after it has returned. The response is
     * started and ended, also when something fails.
     */
    public void serve(ApiRequest request, ApiResponse response) {
        pipeline.serve(request, response);
    }

    /**
     * Figures for operators by name, as Prometheus writes it: {@code _total} are counters, others gauges; a name may carry
     * labels in braces. Names with the same stem follow each other.
     */
    public Map<String, Long> metricValues() {
        return pipeline.metricValues();
    }

    /** Ends watches in good order and the work in the background. Requests must not come any more. */
    @Override
    public void close() {
        while (!endings.isEmpty()) {
            endings.pop().run();
        }
    }
}
