package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and what comes of them; sentences and codes as kube-apiserver 1.34.4 gave them. */
class ApiServerTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static TestApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new TestApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static RecordedResponse create(String name, String rest) {
        return api.ask("POST", MAPS, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"}" + rest + "}");
    }

    @Test
    void createdObjectsComeBackWithWhatTheServerAdds() {
        RecordedResponse created = create("made", ",\"data\":{\"x\":\"y\"}");
        assertEquals(201, created.status(), created.text());
        JsonObject metadata = created.json().getAsJsonObject("metadata");
        assertEquals("default", metadata.get("namespace").getAsString());
        assertTrue(metadata.get("resourceVersion").getAsLong() > 0);
        assertEquals("test", metadata.getAsJsonArray("managedFields").get(0).getAsJsonObject().get("manager").getAsString());
        RecordedResponse read = api.get(MAPS + "/made");
        assertEquals(200, read.status());
        assertEquals(created.json(), read.json());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "GET|/nosuch||404|404 page not found",
        "GET|/api/v1/nosuch||404|the server could not find the requested resource",
        "GET|/apis/nosuch/v1/foo||404|404 page not found",
        "GET|/api/v1/namespaces/default/pods/x||404|pods \\\"x\\\" not found",
        "POST|/api/v1/configmaps|{}|405|the server does not allow this method on the requested resource",
        "PUT|/api/v1/nodes|{}|405|the server does not allow this method on the requested resource",
        "GET|/api/v1/namespaces/default/nodes||404|the server could not find the requested resource",
        "GET|/api/v1/namespaces/default/configmaps/a/status||404|the server could not find the requested resource",
        "POST|/api/v1/namespaces/nosuch/configmaps|{\"metadata\":{\"name\":\"q\"}}|404|namespaces \\\"nosuch\\\" not found",
        "POST|/api/v1/namespaces/default/configmaps|{\"metadata\":{}}|422|ConfigMap \\\"\\\" is invalid: metadata.name: Required value: name or generateName is required",
        "POST|/api/v1/namespaces/default/configmaps|{\"metadata\":{\"name\":\"b\",\"namespace\":\"other\"}}|400|the namespace of the provided object does not match the namespace sent on the request",
        "POST|/api/v1/namespaces/default/configmaps|{\"apiVersion\":\"v1\",|400|(must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({\\\"apiVersion\\\":\\\"v1\\\",)",
        "POST|/api/v1/namespaces/default/configmaps|[]|400|json: cannot unmarshal array into Go value of type struct",
        "POST|/api/v1/namespaces/default/configmaps|{\"kind\":\"Pod\"}|400|Pod in version \\\"v1\\\" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion",
        "POST|/api/v1/namespaces/default/configmaps|{\"apiVersion\":\"apps/v1\"}|400|no kind \\\"ConfigMap\\\" is registered for version \\\"apps/v1\\\"",
        "POST|/api/v1/namespaces/default/configmaps|{\"metadata\":{\"name\":\"q\"},\"data\":{\"x\":3}}|400|ConfigMap in version \\\"v1\\\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        "POST|/api/v1/namespaces/default/configmaps?fieldValidation=Foo|{}|422|CreateOptions.meta.k8s.io \\\"\\\" is invalid: fieldValidation: Unsupported value: \\\"Foo\\\"",
        "POST|/api/v1/namespaces/default/configmaps?dryRun=Foo|{}|422|dryRun: Unsupported value: [\\\"Foo\\\"]: supported values: \\\"All\\\"",
        "POST|/api/v1/namespaces/default/configmaps|{\"metadata\":{\"name\":\"q\",\"resourceVersion\":\"3\"}}|500|resourceVersion should not be set on objects to be created",
        "PUT|/api/v1/namespaces/default/configmaps/nosuch|{\"metadata\":{\"name\":\"nosuch\"}}|404|configmaps \\\"nosuch\\\" not found",
        "PUT|/api/v1/namespaces/default/configmaps/a|{\"metadata\":{\"name\":\"bb\"}}|400|the name of the object (bb) does not match the name on the URL (a)",
        "PUT|/api/v1/namespaces/default/configmaps/a|{}|400|the name of the object (a based on URL) was undeterminable: name must be provided",
        "GET|/api/v1/namespaces/default/configmaps?limit=x||400|strconv.ParseInt: parsing \\\"x\\\": invalid syntax",
        "GET|/api/v1/namespaces/default/configmaps?resourceVersion=x||400|invalid resource version: resourceVersion: Invalid value: \\\"x\\\"",
        "GET|/api/v1/namespaces/default/configmaps?resourceVersion=99999999||504|Timeout: Too large resource version: 99999999, current: ",
        "GET|/api/v1/namespaces/default/configmaps?resourceVersionMatch=Exact||422|resourceVersionMatch is forbidden unless resourceVersion is provided",
        "GET|/api/v1/namespaces/default/configmaps?labelSelector=a+b||400|unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        "GET|/api/v1/namespaces/default/configmaps?fieldSelector=foo%3Dbar||400|\\\"foo\\\" is not a known field selector: only \\\"metadata.name\\\", \\\"metadata.namespace\\\"",
        "GET|/api/v1/namespaces/default/configmaps?fieldSelector=foo||400|invalid selector: 'foo'; can't understand 'foo'",
        "GET|/api/v1/namespaces/default/configmaps?watch=1&sendInitialEvents=true||422|sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        "DELETE|/api/v1/namespaces/default/configmaps/nosuch||404|configmaps \\\"nosuch\\\" not found",
        "DELETE|/api/v1/namespaces/default||403|namespaces \\\"default\\\" is forbidden: this namespace may not be deleted",
        "DELETE|/api/v1/namespaces/default/configmaps/x?propagationPolicy=Foo||422|propagationPolicy: Unsupported value: \\\"Foo\\\"",
        "PATCH|/api/v1/namespaces/default/configmaps/nosuch|{}|404|configmaps \\\"nosuch\\\" not found",
        "PATCH|/api/v1/namespaces/default/configmaps/a|{\"da|400|error decoding patch: unexpected end of JSON input",
        "PATCH|/api/v1/namespaces/default/configmaps/a?force=true|{}|422|force: Forbidden: may not be specified for non-apply patch"})
    void refusalsHaveTheWordsOfKubernetes(String method, String target, String body, int code, String words) {
        RecordedResponse response = api.ask(method, target, body == null ? "" : body);
        assertEquals(code, response.status(), response.text());
        assertTrue(response.text().contains(words), response.text());
    }

    @Test
    void strangersAreToldWhatTheyMayNot() {
        RecordedResponse response = api.get("/api/v1/pods", "authorization", "Bearer user-token");
        assertEquals(403, response.status());
        assertEquals("pods is forbidden: User \"somebody\" cannot list resource \"pods\" in API group \"\" at the cluster scope",
                response.json().get("message").getAsString());
        assertEquals(401, api.get("/api/v1/pods", "authorization", "Bearer wrong").status());
        assertEquals("configmaps \"p1\" is forbidden: User \"bob\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"default\"",
                api.get(MAPS + "/p1", "impersonate-user", "bob").json().get("message").getAsString());
    }

    @Test
    void logsAndExecSayThatThereIsNoWayToTheNode() {
        String pods = "/api/v1/namespaces/default/pods";
        String pod = "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
        assertEquals(201, api.ask("POST", pods, pod.formatted("placed", "\"nodeName\":\"gw\",")).status());
        assertEquals(201, api.ask("POST", pods, pod.formatted("waits", "")).status());
        for (String part : new String[] {"log", "exec?command=ls", "attach", "portforward"}) {
            RecordedResponse placed = api.get(pods + "/placed/" + part);
            assertEquals(500, placed.status());
            assertTrue(placed.json().get("message").getAsString().startsWith("this API server has no connection to node \"gw\""), placed.text());
            assertEquals("pods \"nosuch\" not found", api.get(pods + "/nosuch/" + part).json().get("message").getAsString());
        }
        assertEquals("", api.get(pods + "/waits/log").text());
        assertEquals("pod waits does not have a host assigned", api.get(pods + "/waits/exec").json().get("message").getAsString());
    }

    @Test
    void strictDecodingTellsUnknownAndRepeatedFields() {
        RecordedResponse strict = api.ask("POST", MAPS + "?fieldValidation=Strict", "{\"metadata\":{\"name\":\"q\",\"nam\":\"x\"},\"dat\":{},\"data\":{\"a\":\"b\",\"a\":\"c\"}}");
        assertEquals(400, strict.status());
        for (String part : new String[] {"unknown field \\\"metadata.nam\\\"", "unknown field \\\"dat\\\"", "duplicate field \\\"data.a\\\""}) {
            assertTrue(strict.text().contains(part), strict.text());
        }
        RecordedResponse warned = api.ask("POST", MAPS + "?dryRun=All", "{\"metadata\":{\"name\":\"q\"},\"dat\":{}}");
        assertEquals(201, warned.status());
        assertEquals("299 - \"unknown field \\\"dat\\\"\"", warned.header("Warning"));
        assertFalse(warned.json().getAsJsonObject("metadata").has("resourceVersion"));
        assertEquals(404, api.get(MAPS + "/q").status());
    }
}
