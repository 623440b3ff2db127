package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.resource.CreateHandler;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceAccountTokensTest {

    private static final User ADMIN = User.of("admin", "system:masters");

    private final TestAuth cluster = new TestAuth();
    private final ServiceAccountTokens tokens = tokens(TestAuth.RSA);
    private final CreateHandler requests = new TokenRequests(ReviewTypes.tokenRequest(BuiltInSchemas.load()), cluster.store, tokens, cluster.clock);
    private String uid;

    @BeforeEach
    void start() throws ApiException {
        cluster.withNamespace("n1");
        uid = uid(cluster.create(TestTypes.ACCOUNTS, "{'metadata':{'name':'sa','namespace':'n1'}}"));
    }

    private ServiceAccountTokens tokens(KeyPair keys) {
        return new ServiceAccountTokens(cluster.store, new TokenKeys(keys), TestAuth.ISSUER, cluster.clock);
    }

    private static String uid(JsonObject object) {
        return Trees.text(object, "metadata", "uid");
    }

    private String request(String spec) throws ApiException {
        JsonObject answer = requests.create(ADMIN, "n1", "sa", TestTypes.json("{'kind':'TokenRequest','spec':" + spec + "}"));
        return Trees.text(answer, "status", "token");
    }

    private static JsonObject claims(String token) {
        return Trees.parse(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
    }

    private String refused(String token) {
        return refused(token, List.of());
    }

    private String refused(String token, List<String> audiences) {
        return assertThrows(InvalidTokenException.class, () -> tokens.verify(token, audiences)).getMessage();
    }

    @Test
    void aTokenHasTheClaimsOfKubernetesAndNamesItsAccount() throws Exception {
        String token = request("{}");
        JsonObject claims = claims(token);
        long now = cluster.now().getEpochSecond();
        assertEquals(TestTypes.json("{'aud':['" + TestAuth.ISSUER + "'],'exp':" + (now + 3600) + ",'iat':" + now + ",'iss':'" + TestAuth.ISSUER
                + "','jti':'" + Trees.text(claims, "jti") + "','kubernetes.io':{'namespace':'n1','serviceaccount':{'name':'sa','uid':'" + uid
                + "'}},'nbf':" + now + ",'sub':'system:serviceaccount:n1:sa'}"), claims);
        ServiceAccountTokens.Verified verified = tokens.verify(token, List.of());
        assertEquals(new User("system:serviceaccount:n1:sa", uid, List.of("system:serviceaccounts", "system:serviceaccounts:n1"),
                Map.of("authentication.kubernetes.io/credential-id", List.of("JTI=" + Trees.text(claims, "jti")))), verified.user());
    }

    @Test
    void aPodsTokenAlsoTellsPodAndNode() throws Exception {
        String node = uid(cluster.create(TestTypes.NODES, "{'metadata':{'name':'node-a'}}"));
        String pod = uid(cluster.create(TestTypes.PODS, "{'metadata':{'name':'p','namespace':'n1'},'spec':{'serviceAccountName':'sa','nodeName':'node-a'}}"));
        String token = request("{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'p','uid':'" + pod + "'}}");
        assertEquals(TestTypes.json("{'namespace':'n1','node':{'name':'node-a','uid':'" + node + "'},'pod':{'name':'p','uid':'" + pod
                + "'},'serviceaccount':{'name':'sa','uid':'" + uid + "'}}"), claims(token).getAsJsonObject("kubernetes.io"));
        Map<String, List<String>> extra = tokens.verify(token, List.of()).user().extra();
        assertEquals(List.of("p"), extra.get("authentication.kubernetes.io/pod-name"));
        assertEquals(List.of(pod), extra.get("authentication.kubernetes.io/pod-uid"));
        assertEquals(List.of("node-a"), extra.get("authentication.kubernetes.io/node-name"));
        assertEquals(List.of(node), extra.get("authentication.kubernetes.io/node-uid"));

        cluster.objects.delete(TestTypes.NODES, "", "node-a", "", "");
        tokens.verify(token, List.of());
        cluster.objects.delete(TestTypes.PODS, "n1", "p", "", "");
        assertEquals("[invalid bearer token, service account token has been invalidated]", refused(token));
        cluster.create(TestTypes.PODS, "{'metadata':{'name':'p','namespace':'n1'},'spec':{'serviceAccountName':'sa'}}");
        assertTrue(refused(token).contains("does not match service account pod ref claim (" + pod + ")"));
    }

    @Test
    void tokensBoundToSecretsAndNodesEndWithThem() throws Exception {
        cluster.create(TestTypes.SECRETS, "{'metadata':{'name':'s','namespace':'n1'}}");
        cluster.create(TestTypes.NODES, "{'metadata':{'name':'node-a'}}");
        String ofSecret = request("{'boundObjectRef':{'kind':'Secret','apiVersion':'v1','name':'s'}}");
        String ofNode = request("{'boundObjectRef':{'kind':'Node','apiVersion':'v1','name':'node-a'}}");
        tokens.verify(ofSecret, List.of());
        tokens.verify(ofNode, List.of());
        cluster.objects.delete(TestTypes.SECRETS, "n1", "s", "", "");
        cluster.objects.delete(TestTypes.NODES, "", "node-a", "", "");
        assertEquals("[invalid bearer token, service account token has been invalidated]", refused(ofSecret));
        assertEquals("[invalid bearer token, service account token has been invalidated]", refused(ofNode));
    }

    @Test
    void aTokenEndsWithItsAccountAlsoWhenThatComesBack() throws Exception {
        String token = request("{}");
        cluster.objects.delete(TestTypes.ACCOUNTS, "n1", "sa", "", "");
        assertEquals("[invalid bearer token, serviceaccounts \"sa\" not found]", refused(token));
        String other = uid(cluster.create(TestTypes.ACCOUNTS, "{'metadata':{'name':'sa','namespace':'n1'}}"));
        assertEquals("[invalid bearer token, service account UID (" + other + ") does not match claim (" + uid + ")]", refused(token));
    }

    @Test
    void aTokenHoldsForItsTimeAndAMinute() throws Exception {
        String token = request("{'expirationSeconds':600}");
        cluster.pass(Duration.ofSeconds(-61));
        assertEquals("[invalid bearer token, service account token is not valid yet]", refused(token));
        cluster.pass(Duration.ofSeconds(1));
        tokens.verify(token, List.of());
        cluster.pass(Duration.ofSeconds(60 + 600 + 60));
        tokens.verify(token, List.of());
        cluster.pass(Duration.ofSeconds(1));
        assertEquals("[invalid bearer token, service account token has expired]", refused(token));
    }

    @Test
    void aTokenForOthersIsNotForTheApi() throws Exception {
        String token = request("{'audiences':['vault','x']}");
        assertEquals("[invalid bearer token, token audiences [\"vault\" \"x\"] is invalid for the target audiences [\"" + TestAuth.ISSUER + "\"]]",
                refused(token));
        assertEquals(List.of("vault"), tokens.verify(token, List.of("y", "vault")).audiences());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256"})
    void bothKindsOfKeysSignAndOnlyTheirOwnTokensAreGood(String algorithm) throws Exception {
        ServiceAccountTokens own = tokens(algorithm.equals("RS256") ? TestAuth.RSA : TestAuth.EC);
        ServiceAccountTokens other = tokens(algorithm.equals("RS256") ? TestAuth.keys("RSA", 2048) : TestAuth.keys("EC", 256));
        ServiceAccountTokens.Grant grant = new ServiceAccountTokens.Grant("n1", "sa", uid, List.of(TestAuth.ISSUER), 3600, Map.of());
        String token = own.issue(grant).text();
        assertEquals(algorithm, Trees.text(Trees.parse(Base64.getUrlDecoder().decode(token.split("\\.")[0])), "alg"));
        own.verify(token, List.of());
        assertThrows(InvalidTokenException.class, () -> other.verify(token, List.of()));
    }

    @Test
    void noForgeryIsBelieved() throws Exception {
        String good = request("{}");
        String[] parts = good.split("\\.");
        String claims = parts[1];
        byte[] publicKey = TestAuth.RSA.getPublic().getEncoded();
        Map<String, String> forgeries = Map.ofEntries(
                Map.entry("no algorithm", encode("{\"alg\":\"none\"}") + "." + claims + "."),
                Map.entry("no algorithm, capitals", encode("{\"alg\":\"NONE\"}") + "." + claims + "." + parts[2]),
                Map.entry("no header", encode("{}") + "." + claims + "." + parts[2]),
                Map.entry("HMAC with the public key", hmac(encode("{\"alg\":\"HS256\"}") + "." + claims, publicKey)),
                Map.entry("HMAC called RS256", hmac(encode("{\"alg\":\"RS256\"}") + "." + claims, publicKey)),
                Map.entry("another key", sign("{\"alg\":\"RS256\"}", claims, "SHA256withRSA", TestAuth.keys("RSA", 2048))),
                Map.entry("a key of its own in the header", sign("{\"alg\":\"RS256\",\"jwk\":" + new TokenKeys(TestAuth.keys("RSA", 2048)).toJwk() + "}",
                        claims, "SHA256withRSA", TestAuth.keys("RSA", 2048))),
                Map.entry("an elliptic key", sign("{\"alg\":\"ES256\"}", claims, "SHA256withECDSAinP1363Format", TestAuth.EC)),
                Map.entry("another hash", sign("{\"alg\":\"RS512\"}", claims, "SHA512withRSA", TestAuth.RSA)),
                Map.entry("a demand nobody knows", sign("{\"alg\":\"RS256\",\"crit\":[\"x\"]}", claims, "SHA256withRSA", TestAuth.RSA)),
                Map.entry("other claims", parts[0] + "." + encode("{\"sub\":\"system:serviceaccount:kube-system:x\"}") + "." + parts[2]),
                Map.entry("no signature", parts[0] + "." + claims + "."),
                Map.entry("a part missing", parts[0] + "." + claims),
                Map.entry("a part more", good + ".x"),
                Map.entry("nothing", ""),
                Map.entry("no base64", "!!!.???.***"),
                Map.entry("a header that is no JSON", encode("nonsense") + "." + claims + "." + parts[2]),
                Map.entry("a header that is a list", encode("[1]") + "." + claims + "." + parts[2]),
                Map.entry("an algorithm that is no text", encode("{\"alg\":{}}") + "." + claims + "." + parts[2]),
                Map.entry("endless", "a".repeat(100_000) + "." + claims + "." + parts[2]),
                Map.entry("deep", encode("[".repeat(700)) + "." + claims + "." + parts[2]));
        forgeries.forEach((name, token) -> {
            String why = assertThrows(InvalidTokenException.class, () -> tokens.verify(token, List.of()), name).getMessage();
            assertTrue(why.contains("invalid bearer token"), why);
        });
        tokens.verify(good, List.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "exp  | 'text'",
        "exp  | 99999999999999999999999999",
        "exp  | null",
        "nbf  | 99999999999",
        "iat  | 99999999999",
        "iss  | 'https://elsewhere'",
        "sub  | 'system:serviceaccount:kube-system:sa'",
        "aud  | []",
        "aud  | 'other'",
        "kubernetes.io | {}",
        "kubernetes.io | 'text'",
        "kubernetes.io | {'namespace':'n1','serviceaccount':{'name':'sa'}}",
        "kubernetes.io | {'namespace':'n1','serviceaccount':{'name':'sa','uid':'UID'},'pod':{'name':'none','uid':'x'}}"})
    void wellSignedClaimsThatAreWrongAreRefused(String claim, String value) throws ApiException {
        JsonObject claims = claims(request("{}"));
        claims.add(claim, TestTypes.json("{'v':" + value.replace("UID", uid) + "}").get("v"));
        refused(new TokenKeys(TestAuth.RSA).sign(claims));
    }

    @Test
    void noDamagedTokenIsBelieved() throws Exception {
        Random random = new Random(42);
        for (KeyPair keys : List.of(TestAuth.RSA, TestAuth.EC)) {
            ServiceAccountTokens own = tokens(keys);
            String token = own.issue(new ServiceAccountTokens.Grant("n1", "sa", uid, List.of(TestAuth.ISSUER), 3600, Map.of())).text();
            for (int i = 0; i < 500; i++) {
                int at = random.nextInt(token.length() - 1); // the last character has bits that mean nothing
                char other = (char) (33 + random.nextInt(90));
                String damaged = token.substring(0, at) + other + token.substring(at + 1);
                if (other != token.charAt(at)) {
                    assertThrows(InvalidTokenException.class, () -> own.verify(damaged, List.of()), damaged);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'expirationSeconds':10}          | 422 | TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes",
        "{'expirationSeconds':99999999999} | 422 | TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 99999999999: may not specify a duration larger than 2^32 seconds",
        "{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'x','uid':'u'}}  | 404 | pods \"x\" not found",
        "{'boundObjectRef':{'kind':'Foo','apiVersion':'v1','name':'x'}}            | 400 | cannot bind token to object of type /v1, Kind=Foo",
        "{'boundObjectRef':{'kind':'Foo','apiVersion':'a/v1','name':'x'}}          | 400 | cannot bind token to object of type a/v1, Kind=Foo",
        "{'boundObjectRef':{'kind':'Secret','apiVersion':'v1','name':'s','uid':'u'}} | 409 | Operation cannot be fulfilled on Secret \"s\": the UID in the bound object reference (u) does not match the UID in record. The object might have been deleted and then recreated",
        "{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'p'}}            | 400 | cannot bind token for serviceaccount \"sa\" to pod running with different serviceaccount name."})
    void requestsAreRefusedInKubernetesWords(String spec, int code, String message) throws ApiException {
        cluster.create(TestTypes.SECRETS, "{'metadata':{'name':'s','namespace':'n1'}}");
        cluster.create(TestTypes.PODS, "{'metadata':{'name':'p','namespace':'n1'},'spec':{'serviceAccountName':'other'}}");
        ApiException e = assertThrows(ApiException.class, () -> request(spec));
        assertEquals(message, e.getMessage());
        assertEquals(code, e.code());
    }

    private static String sign(String header, String claims, String algorithm, KeyPair keys) throws Exception {
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(keys.getPrivate());
        String content = encode(header) + "." + claims;
        signer.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signer.sign());
    }

    private static String hmac(String content, byte[] key) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
