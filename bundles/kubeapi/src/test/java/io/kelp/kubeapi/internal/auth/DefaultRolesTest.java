package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.Authorizer.Action;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DefaultRolesTest {

    private final TestAuth cluster = new TestAuth();
    private final DefaultRoles roles = new DefaultRoles(cluster.objects, cluster.catalog);

    @BeforeEach
    void start() throws ApiException {
        roles.reconcile();
    }

    private JsonObject role(String name) {
        return cluster.objects.get(TestTypes.CLUSTER_ROLES, "", name).orElseThrow();
    }

    @Test
    void theyAreMarkedLikeThoseOfEachCluster() {
        JsonObject admin = role("cluster-admin");
        assertEquals("rbac-defaults", Trees.text(admin, "metadata", "labels", "kubernetes.io/bootstrapping"));
        assertEquals("true", Trees.text(admin, "metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate"));
        assertEquals(2, Trees.objects(admin, "rules").size());
    }

    @Test
    void everybodyMayAskForTheVersionAndWhoHeIs() {
        try (RbacAuthorizer authorizer = new RbacAuthorizer(cluster.store)) {
            User anonymous = User.of("system:anonymous", "system:unauthenticated");
            User known = User.of("bob", "system:authenticated");
            assertTrue(authorizer.decide(anonymous, new Action("get", "", "", "", "", "/version")).allowed());
            assertTrue(authorizer.decide(anonymous, new Action("get", "", "", "", "", "/healthz")).allowed());
            assertFalse(authorizer.decide(anonymous, new Action("get", "", "", "", "", "/apis")).allowed());
            assertTrue(authorizer.decide(known, new Action("get", "", "", "", "", "/apis/x.io/v1")).allowed());
            assertTrue(authorizer.decide(known, new Action("create", "authorization.k8s.io", "selfsubjectaccessreviews", "", "", "")).allowed());
            assertFalse(authorizer.decide(known, new Action("list", "", "pods", "default", "", "")).allowed());
        }
    }

    @Test
    void aSecondStartWritesNothing() throws ApiException {
        long before = cluster.store.revision();
        roles.reconcile();
        assertEquals(before, cluster.store.revision());
    }

    @Test
    void whatIsMissingComesBackAndWhatUsersAddedStays() throws ApiException {
        change("system:discovery", current -> {
            JsonArray rules = new JsonArray();
            rules.add(TestTypes.json("{'verbs':['get'],'nonResourceURLs':['/own']}"));
            current.add("rules", rules);
            current.getAsJsonObject("metadata").getAsJsonObject("labels").addProperty("own", "label");
            current.getAsJsonObject("metadata").remove("annotations");
        });
        cluster.objects.delete(TestTypes.CLUSTER_BINDINGS, "", "system:discovery", "", "");
        roles.reconcile();
        JsonObject role = role("system:discovery");
        assertEquals(2, Trees.objects(role, "rules").size());
        assertEquals("label", Trees.text(role, "metadata", "labels", "own"));
        assertEquals("true", Trees.text(role, "metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate"));
        assertTrue(cluster.objects.get(TestTypes.CLUSTER_BINDINGS, "", "system:discovery").isPresent());
    }

    @Test
    void whoSaysNoIsLeftAlone() throws ApiException {
        change("system:discovery", current -> {
            current.add("rules", new JsonArray());
            current.getAsJsonObject("metadata").getAsJsonObject("annotations").addProperty("rbac.authorization.kubernetes.io/autoupdate", "false");
        });
        roles.reconcile();
        assertEquals(0, Trees.objects(role("system:discovery"), "rules").size());
    }

    @Test
    void aBindingToAnotherRoleIsPutRight() throws ApiException {
        cluster.objects.delete(TestTypes.CLUSTER_BINDINGS, "", "cluster-admin", "", "");
        cluster.bind("", "cluster-admin", "ClusterRole", "view", "User", "bob");
        roles.reconcile();
        assertEquals("cluster-admin", Trees.text(cluster.objects.get(TestTypes.CLUSTER_BINDINGS, "", "cluster-admin").orElseThrow(), "roleRef", "name"));
    }

    private void change(String name, Consumer<JsonObject> change) throws ApiException {
        cluster.objects.update(TestTypes.CLUSTER_ROLES, "", name, "", "test", current -> {
            change.accept(current);
            return current;
        });
    }
}
