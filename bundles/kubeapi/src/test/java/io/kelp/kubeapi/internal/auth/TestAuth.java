package io.kelp.kubeapi.internal.auth;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.MemoryApiStore;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.rest.StoredObjects;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A store in memory with objects, keys and a clock that can be set. */
final class TestAuth {

    static final KeyPair RSA = keys("RSA", 2048);
    static final KeyPair EC = keys("EC", 256);
    static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    static final String RBAC = "'apiVersion':'rbac.authorization.k8s.io/v1'";

    final MemoryApiStore store = new MemoryApiStore();
    final ResourceCatalog catalog = TestTypes.catalog();
    final InstantSource clock = this::now;
    final Objects objects = new StoredObjects(store, catalog, new TestTypes.NoManagers(), new TestTypes.NoSchemas(), (user, type, namespace, object, old) -> { }, clock);
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    static KeyPair keys(String algorithm, int size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(size);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static User account(String namespace, String name) {
        return User.of("system:serviceaccount:" + namespace + ":" + name, "system:serviceaccounts", "system:serviceaccounts:" + namespace,
                "system:authenticated");
    }

    Instant now() {
        return now;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    TestAuth withNamespace(String name) throws ApiException {
        create(TestTypes.NAMESPACES, "{'metadata':{'name':'" + name + "'}}");
        return this;
    }

    JsonObject create(ResourceType type, String json) throws ApiException {
        return objects.create(type, TestTypes.json(json), "test");
    }

    void role(String namespace, String name, String rules) throws ApiException {
        ResourceType type = namespace.isEmpty() ? TestTypes.CLUSTER_ROLES : TestTypes.ROLES;
        create(type, "{'metadata':" + metadata(namespace, name) + ",'rules':[" + rules + "]}");
    }

    /** @param subject kind and name, for a ServiceAccount {@code namespace/name} */
    void bind(String namespace, String name, String roleKind, String role, String subjectKind, String subject) throws ApiException {
        int slash = subject.indexOf('/');
        String who = slash < 0 ? "'name':'" + subject + "'"
                : "'namespace':'" + subject.substring(0, slash) + "','name':'" + subject.substring(slash + 1) + "'";
        create(namespace.isEmpty() ? TestTypes.CLUSTER_BINDINGS : TestTypes.BINDINGS, "{'metadata':" + metadata(namespace, name)
                + ",'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'" + roleKind + "','name':'" + role + "'},"
                + "'subjects':[{'kind':'" + subjectKind + "'," + who + "}]}");
    }

    private static String metadata(String namespace, String name) {
        return "{'name':'" + name + "'" + (namespace.isEmpty() ? "" : ",'namespace':'" + namespace + "'") + "}";
    }
}
