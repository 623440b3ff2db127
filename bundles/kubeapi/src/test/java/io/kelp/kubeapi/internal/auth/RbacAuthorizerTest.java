package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.auth.Authorizer.Action;
import io.kelp.kubeapi.internal.auth.Authorizer.Decision;
import io.kelp.kubeapi.internal.resource.TestTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RbacAuthorizerTest {

    private final TestAuth cluster = new TestAuth();
    private RbacAuthorizer authorizer;

    @BeforeEach
    void start() throws ApiException {
        cluster.withNamespace("n1").withNamespace("n2");
        authorizer = new RbacAuthorizer(cluster.store);
    }

    @AfterEach
    void stop() {
        authorizer.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        // rule                                                                           | verb | group | resource     | name | path     | allowed
        "'verbs':['get','list'],'apiGroups':[''],'resources':['pods']                     | get  |       | pods         | a    |          | true",
        "'verbs':['get','list'],'apiGroups':[''],'resources':['pods']                     | watch|       | pods         | a    |          | false",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods']                            | get  | apps  | pods         | a    |          | false",
        "'verbs':['get'],'apiGroups':['','apps'],'resources':['pods']                     | get  | apps  | pods         | a    |          | true",
        "'verbs':['get'],'apiGroups':['*'],'resources':['pods']                           | get  | x.io  | pods         | a    |          | true",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods']                            | get  |       | pods/status  | a    |          | false",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods/status']                     | get  |       | pods/status  | a    |          | true",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods/status']                     | get  |       | pods         | a    |          | false",
        "'verbs':['get'],'apiGroups':[''],'resources':['*/status']                        | get  |       | pods/status  | a    |          | true",
        "'verbs':['get'],'apiGroups':[''],'resources':['*/status']                        | get  |       | pods         | a    |          | false",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods/*']                          | get  |       | pods/status  | a    |          | false",
        "'verbs':['get'],'apiGroups':[''],'resources':['*']                               | get  |       | pods/status  | a    |          | true",
        "'verbs':['*'],'apiGroups':[''],'resources':['pods']                              | x    |       | pods         |      |          | true",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods'],'resourceNames':['a','b']  | get  |       | pods         | b    |          | true",
        "'verbs':['get'],'apiGroups':[''],'resources':['pods'],'resourceNames':['a','b']  | get  |       | pods         | c    |          | false",
        "'verbs':['list'],'apiGroups':[''],'resources':['pods'],'resourceNames':['a']     | list |       | pods         |      |          | false",
        "'verbs':['get'],'nonResourceURLs':['/healthz']                                   | get  |       |              |      | /healthz | true",
        "'verbs':['get'],'nonResourceURLs':['/healthz']                                   | get  |       |              |      | /healthz/| false",
        "'verbs':['get'],'nonResourceURLs':['/healthz/*']                                 | get  |       |              |      | /healthz/x/y | true",
        "'verbs':['get'],'nonResourceURLs':['/healthz/*']                                 | get  |       |              |      | /healthz | false",
        "'verbs':['get'],'nonResourceURLs':['*']                                          | get  |       |              |      | /any     | true",
        "'verbs':['get'],'nonResourceURLs':['*']                                          | post |       |              |      | /any     | false",
        "'verbs':['*'],'apiGroups':['*'],'resources':['*']                                | get  |       |              |      | /any     | false",
        "'verbs':['get'],'nonResourceURLs':['*']                                          | get  |       | pods         |      |          | false"})
    void allowsWhatARuleSays(String rule, String verb, String group, String resource, String name, String path, boolean allowed) throws ApiException {
        cluster.role("", "r", "{" + rule + "}");
        cluster.bind("", "b", "ClusterRole", "r", "User", "bob");
        Action action = new Action(verb, text(group), text(resource), text(resource).isEmpty() ? "" : "n1", text(name), text(path));
        assertEquals(allowed, authorizer.decide(User.of("bob"), action).allowed());
        assertFalse(authorizer.decide(User.of("eve"), action).allowed());
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }

    private Decision getPods(User user, String namespace) {
        return authorizer.decide(user, new Action("get", "", "pods", namespace, "", ""));
    }

    @Test
    void aRoleBindingAllowsInItsNamespaceOnlyAlsoWithAClusterRole() throws ApiException {
        cluster.role("", "reader", "{'verbs':['get'],'apiGroups':[''],'resources':['pods']}");
        cluster.bind("n1", "b", "ClusterRole", "reader", "ServiceAccount", "n2/robot");
        User robot = TestAuth.account("n2", "robot");
        assertEquals(new Decision(true, "RBAC: allowed by RoleBinding \"b/n1\" of ClusterRole \"reader\" to ServiceAccount \"robot/n2\""),
                getPods(robot, "n1"));
        assertEquals(new Decision(false, ""), getPods(robot, "n2"));
        assertEquals(new Decision(false, ""), getPods(robot, ""));
        assertFalse(getPods(TestAuth.account("n1", "robot"), "n1").allowed(), "another account of the same name");
    }

    @Test
    void groupsAreBoundToo() throws ApiException {
        cluster.role("", "reader", "{'verbs':['get'],'apiGroups':[''],'resources':['pods']}");
        cluster.bind("", "all", "ClusterRole", "reader", "Group", "system:authenticated");
        assertEquals("RBAC: allowed by ClusterRoleBinding \"all\" of ClusterRole \"reader\" to Group \"system:authenticated\"",
                getPods(TestAuth.account("n1", "a"), "n1").reason());
        assertFalse(getPods(User.of("system:authenticated"), "n1").allowed(), "a user is no group");
    }

    @Test
    void mastersMayDoEverything() {
        assertEquals(new Decision(true, ""), getPods(User.of("root", "system:masters"), "n1"));
    }

    @Test
    void saysWhichRolesAreMissing() throws ApiException {
        cluster.bind("", "c", "ClusterRole", "gone", "User", "bob");
        assertEquals("RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found", getPods(User.of("bob"), "").reason());
        cluster.bind("n1", "b", "Role", "away", "User", "bob");
        assertEquals("RBAC: [clusterrole.rbac.authorization.k8s.io \"gone\" not found, role.rbac.authorization.k8s.io \"away\" not found]",
                getPods(User.of("bob"), "n1").reason());
        assertEquals("", getPods(User.of("eve"), "n1").reason(), "nobody else learns of it");
    }

    @Test
    void changesOfRolesAndBindingsCountAtOnceAndAfterARestart() throws ApiException {
        User bob = User.of("bob");
        cluster.role("n1", "r", "{'verbs':['get'],'apiGroups':[''],'resources':['pods']}");
        cluster.bind("n1", "b", "Role", "r", "User", "bob");
        assertTrue(getPods(bob, "n1").allowed());
        try (RbacAuthorizer later = new RbacAuthorizer(cluster.store)) {
            assertTrue(later.decide(bob, new Action("get", "", "pods", "n1", "", "")).allowed());
        }
        cluster.objects.update(TestTypes.ROLES, "n1", "r", "", "test", role -> {
            role.add("rules", new JsonArray());
            return role;
        });
        assertFalse(getPods(bob, "n1").allowed());
        cluster.objects.delete(TestTypes.ROLES, "n1", "r", "", "");
        assertEquals("RBAC: role.rbac.authorization.k8s.io \"r\" not found", getPods(bob, "n1").reason());
        cluster.objects.delete(TestTypes.BINDINGS, "n1", "b", "", "");
        assertEquals(new Decision(false, ""), getPods(bob, "n1"));
    }
}
