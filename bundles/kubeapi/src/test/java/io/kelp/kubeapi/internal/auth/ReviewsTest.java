package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers are those of kube-apiserver v1.34 to the same questions. */
class ReviewsTest {

    private static final User SA = TestAuth.account("n1", "sa1");

    private final TestAuth cluster = new TestAuth();
    private RbacAuthorizer authorizer;
    private Map<String, CreateHandler> handlers;

    @BeforeEach
    void start() throws ApiException {
        cluster.withNamespace("n1");
        authorizer = new RbacAuthorizer(cluster.store);
        TokenKeys keys = new TokenKeys(TestAuth.RSA);
        ServiceAccountTokens tokens = new ServiceAccountTokens(cluster.store, keys, TestAuth.ISSUER, cluster.clock);
        Credentials credentials = new Credentials(Map.of("secret", new User("admin", "admin", List.of("system:masters"), Map.of())), tokens);
        handlers = Reviews.handlers(BuiltInSchemas.load(), cluster.store, credentials, tokens, authorizer, cluster.clock);
        new DefaultRoles(cluster.objects, cluster.catalog).reconcile();
        cluster.role("n1", "reader", "{'verbs':['get'],'apiGroups':[''],'resources':['pods','pods/status']}");
        cluster.bind("n1", "rb1", "Role", "reader", "ServiceAccount", "n1/sa1");
    }

    @AfterEach
    void stop() {
        authorizer.close();
    }

    private JsonObject post(User user, String path, String namespace, String body) throws ApiException {
        return handlers.get(path).create(user, namespace, "", TestTypes.json(body));
    }

    private JsonObject access(String attributes) throws ApiException {
        return post(SA, "authorization.k8s.io/v1/selfsubjectaccessreviews", "", "{'metadata':{},'spec':{" + attributes + "}}").getAsJsonObject("status");
    }

    @Test
    void everyTypeHasAHandler() {
        for (ResourceType type : ReviewTypes.all()) {
            assertTrue(handlers.containsKey(type.group() + "/" + type.version() + "/" + type.plural()), type.plural());
        }
    }

    @Test
    void tellsWhatTheAskerMayDoAndWhy() throws ApiException {
        assertEquals(TestTypes.json("{'allowed':true,'reason':'RBAC: allowed by RoleBinding `rb1/n1` of Role `reader` to ServiceAccount `sa1/n1`'}"),
                quoted(access("'resourceAttributes':{'verb':'get','resource':'pods','subresource':'status','namespace':'n1'}")));
        assertEquals(TestTypes.json("{'allowed':false}"), access("'resourceAttributes':{'verb':'delete','resource':'pods','namespace':'n1'}"));
        assertEquals(TestTypes.json("{'allowed':true,'reason':'RBAC: allowed by ClusterRoleBinding `system:discovery` of ClusterRole"
                + " `system:discovery` to Group `system:authenticated`'}"), quoted(access("'nonResourceAttributes':{'verb':'get','path':'/version'}")));
    }

    private static JsonObject quoted(JsonObject object) {
        return JsonParser.parseString(object.toString().replace("\\\"", "`")).getAsJsonObject();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "selfsubjectaccessreviews  | {'spec':{}} | spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
        "selfsubjectaccessreviews  | {'spec':{'nonResourceAttributes':{'verb':'get','path':'/version'},'resourceAttributes':{}}} | spec.nonResourceAttributes: Invalid value: {\"Path\":\"/version\",\"Verb\":\"get\"}: cannot be specified in combination with resourceAttributes",
        "selfsubjectaccessreviews  | {'metadata':{'name':'x'},'spec':{'resourceAttributes':{}}} | metadata: Invalid value: {\"name\":\"x\"}: must be empty",
        "subjectaccessreviews      | {'spec':{'resourceAttributes':{'verb':'get'}}} | spec.user: Invalid value: \"\": at least one of user or group must be specified",
        "subjectaccessreviews      | {'spec':{'user':'x'}} | spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
        "localsubjectaccessreviews | {'spec':{'user':'bob','resourceAttributes':{'namespace':'n2'}}} | spec.resourceAttributes.namespace: Invalid value: \"n2\": must match metadata.namespace",
        "localsubjectaccessreviews | {'spec':{'user':'bob','nonResourceAttributes':{'verb':'get','path':'/'}}} | spec.nonResourceAttributes: Invalid value: {\"Path\":\"/\",\"Verb\":\"get\"}: disallowed on this kind of request"})
    void refusesQuestionsThatAreNone(String plural, String body, String problem) {
        ApiException e = assertThrows(ApiException.class, () -> post(SA, "authorization.k8s.io/v1/" + plural, "n1", body));
        assertEquals(".authorization.k8s.io \"\" is invalid: " + problem, e.getMessage());
        assertEquals(422, e.code());
        JsonObject details = e.toStatus().getAsJsonObject("details");
        assertEquals(Set.of("group", "causes"), details.keySet());
    }

    @Test
    void answersForOthers() throws ApiException {
        String spec = "'spec':{'user':'system:serviceaccount:n1:sa1','resourceAttributes':{'verb':'get','resource':'pods','namespace':'n1'}}";
        assertTrue(Trees.flag(post(User.of("x"), "authorization.k8s.io/v1/subjectaccessreviews", "", "{" + spec + "}"), "status", "allowed"));
        JsonObject local = post(User.of("x"), "authorization.k8s.io/v1/localsubjectaccessreviews", "n1", "{" + spec + "}");
        assertTrue(Trees.flag(local, "status", "allowed"));
        assertEquals("n1", Trees.text(local, "metadata", "namespace"));
        String group = "{'spec':{'groups':['system:masters'],'resourceAttributes':{'verb':'*','resource':'*','group':'*'}}}";
        assertTrue(Trees.flag(post(User.of("x"), "authorization.k8s.io/v1/subjectaccessreviews", "", group), "status", "allowed"));
    }

    @Test
    void listsRules() throws ApiException {
        cluster.bind("", "lost", "ClusterRole", "gone", "ServiceAccount", "n1/sa1");
        JsonObject answer = post(SA, "authorization.k8s.io/v1/selfsubjectrulesreviews", "", "{'spec':{'namespace':'n1'}}");
        List<JsonObject> rules = Trees.objects(answer, "status", "resourceRules");
        assertEquals(TestTypes.json("{'verbs':['get'],'apiGroups':[''],'resources':['pods','pods/status']}"), rules.get(rules.size() - 1));
        assertEquals(3, Trees.objects(answer, "status", "nonResourceRules").size());
        assertEquals("clusterrole.rbac.authorization.k8s.io \"gone\" not found", Trees.text(answer, "status", "evaluationError"));
        assertEquals(400, assertThrows(ApiException.class,
                () -> post(SA, "authorization.k8s.io/v1/selfsubjectrulesreviews", "", "{'spec':{}}")).code());
    }

    @Test
    void tellsWhoAsks() throws ApiException {
        User user = new User("bob", "u", List.of("g"), Map.of("k", List.of("v")));
        assertEquals(TestTypes.json("{'kind':'SelfSubjectReview','apiVersion':'authentication.k8s.io/v1','metadata':{'creationTimestamp':'2030-01-01T00:00:00Z'},"
                + "'status':{'userInfo':{'username':'bob','uid':'u','groups':['g'],'extra':{'k':['v']}}}}"),
                post(user, "authentication.k8s.io/v1/selfsubjectreviews", "", "{}"));
    }

    @Test
    void tellsWhoseATokenIs() throws ApiException {
        JsonObject status = review("{'token':'secret'}");
        assertEquals(TestTypes.json("{'authenticated':true,'user':{'username':'admin','uid':'admin','groups':['system:masters','system:authenticated']},"
                + "'audiences':['" + TestAuth.ISSUER + "']}"), status);
        assertEquals(TestTypes.json("{'user':{},'error':'invalid bearer token'}"), review("{'token':'abc'}"));
        assertEquals(TestTypes.json("{'user':{},'error':'invalid bearer token'}"), review("{'token':'secret','audiences':['other']}"));
        cluster.create(TestTypes.ACCOUNTS, "{'metadata':{'name':'sa1','namespace':'n1'}}");
        String token = Trees.text(handlers.get("/v1/serviceaccounts/token").create(SA, "n1", "sa1", TestTypes.json("{'spec':{'audiences':['vault']}}")),
                "status", "token");
        assertEquals(List.of("vault"), Trees.texts(review("{'token':'" + token + "','audiences':['vault']}"), "audiences"));
        assertEquals("token is required for TokenReview in authentication",
                assertThrows(ApiException.class, () -> review("{}")).getMessage());
    }

    private JsonObject review(String spec) throws ApiException {
        return post(SA, "authentication.k8s.io/v1/tokenreviews", "", "{'spec':" + spec + "}").getAsJsonObject("status");
    }
}
