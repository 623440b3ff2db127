package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.TestTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sentences are those of kube-apiserver v1.34. */
class EscalationCheckTest {

    private static final User SA = TestAuth.account("n1", "sa2");
    private static final String WHO = "user \"system:serviceaccount:n1:sa2\" (groups=[\"system:serviceaccounts\" \"system:serviceaccounts:n1\""
            + " \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n";

    private final TestAuth cluster = new TestAuth();
    private RbacAuthorizer authorizer;
    private EscalationCheck check;

    @BeforeEach
    void start() throws ApiException {
        cluster.withNamespace("n1");
        authorizer = new RbacAuthorizer(cluster.store);
        check = new EscalationCheck(authorizer);
        cluster.role("", "own", "{'verbs':['create','update'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles','clusterroles']},"
                + "{'verbs':['get'],'nonResourceURLs':['/version','/healthz/*']}");
        cluster.bind("", "own", "ClusterRole", "own", "ServiceAccount", "n1/sa2");
    }

    @AfterEach
    void stop() {
        authorizer.close();
    }

    private ApiException refused(ResourceType type, String namespace, String object) {
        return assertThrows(ApiException.class, () -> check.check(SA, type, namespace, TestTypes.json(object), null));
    }

    private void allowed(ResourceType type, String namespace, String object) {
        assertDoesNotThrow(() -> check.check(SA, type, namespace, TestTypes.json(object), null));
    }

    @Test
    void namesEveryPermissionThatIsMissing() {
        ApiException e = refused(TestTypes.ROLES, "n1", "{'metadata':{'name':'r1'},'rules':[{'apiGroups':[''],'resources':['pods','secrets'],"
                + "'verbs':['get','list']},{'apiGroups':['apps'],'resources':['deployments'],'resourceNames':['x'],'verbs':['*']}]}");
        assertEquals("roles.rbac.authorization.k8s.io \"r1\" is forbidden: " + WHO
                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}\n"
                + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\"]}\n"
                + "{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"x\"], Verbs:[\"*\"]}", e.getMessage());
        assertEquals(403, e.code());
    }

    @Test
    void whatOneHasMayBeGivenAway() {
        allowed(TestTypes.CLUSTER_ROLES, "", "{'metadata':{'name':'r'},'rules':[{'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles'],"
                + "'verbs':['create'],'resourceNames':['a']},{'nonResourceURLs':['/healthz/x','/version'],'verbs':['get']}]}");
        ApiException e = refused(TestTypes.CLUSTER_ROLES, "", "{'metadata':{'name':'r'},'rules':[{'nonResourceURLs':['/metrics','/version'],"
                + "'verbs':['get']},{'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles'],'verbs':['create','watch']}]}");
        assertEquals("clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: " + WHO
                + "{APIGroups:[\"rbac.authorization.k8s.io\"], Resources:[\"roles\"], Verbs:[\"watch\"]}\n"
                + "{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}", e.getMessage());
    }

    @Test
    void aggregationIsForThoseWhoMayDoEverything() throws ApiException {
        String role = "{'metadata':{'name':'r'},'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'a':'b'}}]}}";
        assertEquals("clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin privileges to use the aggregationRule",
                refused(TestTypes.CLUSTER_ROLES, "", role).getMessage());
        cluster.role("", "all", "{'verbs':['*'],'apiGroups':['*'],'resources':['*']},{'verbs':['*'],'nonResourceURLs':['*']}");
        cluster.bind("", "all", "ClusterRole", "all", "ServiceAccount", "n1/sa2");
        allowed(TestTypes.CLUSTER_ROLES, "", role);
    }

    @Test
    void aBindingGivesAwayWhatItsRoleHolds() throws ApiException {
        cluster.role("", "strong", "{'verbs':['get','list','watch'],'apiGroups':[''],'resources':['nodes']},"
                + "{'verbs':['proxy'],'apiGroups':[''],'resources':['nodes']}");
        String binding = "{'metadata':{'name':'b'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':'%s'}}";
        assertEquals("clusterrolebindings.rbac.authorization.k8s.io \"b\" is forbidden: " + WHO
                + "{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\" \"list\" \"watch\" \"proxy\"]}",
                refused(TestTypes.CLUSTER_BINDINGS, "", binding.formatted("strong")).getMessage());
        allowed(TestTypes.BINDINGS, "n1", binding.formatted("own"));
        ApiException missing = refused(TestTypes.BINDINGS, "n1", binding.formatted("none"));
        assertEquals(404, missing.code());
        assertEquals("rolebindings.rbac.authorization.k8s.io \"none\" not found", missing.getMessage());
    }

    @Test
    void escalateAndBindLiftIt() throws ApiException {
        cluster.role("", "strong", "{'verbs':['*'],'apiGroups':['*'],'resources':['*']}");
        cluster.role("n1", "lifts", "{'verbs':['escalate'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles']},"
                + "{'verbs':['bind'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles'],'resourceNames':['strong']}");
        cluster.bind("n1", "lifts", "Role", "lifts", "ServiceAccount", "n1/sa2");
        allowed(TestTypes.ROLES, "n1", "{'metadata':{'name':'r'},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
        allowed(TestTypes.BINDINGS, "n1", "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'strong'}}");
        refused(TestTypes.CLUSTER_BINDINGS, "", "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'strong'}}");
    }

    @Test
    void labelsOfAStrongRoleCannotBeChangedButItsFinalizersCan() {
        JsonObject old = TestTypes.json("{'metadata':{'name':'r','finalizers':['x.io/y']},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
        JsonObject labelled = old.deepCopy();
        labelled.getAsJsonObject("metadata").add("labels", TestTypes.json("{'a':'b'}"));
        assertThrows(ApiException.class, () -> check.check(SA, TestTypes.CLUSTER_ROLES, "", labelled, old));
        JsonObject released = old.deepCopy();
        released.getAsJsonObject("metadata").remove("finalizers");
        assertDoesNotThrow(() -> check.check(SA, TestTypes.CLUSTER_ROLES, "", released, old));
    }

    @Test
    void otherKindsAndMastersAreNotAsked() {
        allowed(TestTypes.SECRETS, "n1", "{'metadata':{'name':'s'},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
        assertDoesNotThrow(() -> check.check(User.of("root", "system:masters"), TestTypes.CLUSTER_ROLES, "",
                TestTypes.json("{'metadata':{'name':'r'},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}"), null));
    }
}
