package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * Whatever a client sends as path, selector, continue token or body is answered, and not as a fault of ours (500). Runs over its
 * kept corpus in every build; with {@code JAZZER_FUZZ=1} it searches on.
 */
@Tag("slow")
class RequestFuzzTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String[] METHODS = {"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"};

    private static TestApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new TestApi();
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @FuzzTest(maxDuration = "20s")
    void paths(byte[] bytes) {
        String path = "/" + text(bytes).replace("?", "").replace("watch", "");
        for (String method : METHODS) {
            answered(api.ask(method, path, ""));
        }
    }

    @FuzzTest(maxDuration = "20s")
    void selectorsAndTokens(byte[] bytes) {
        String text = URLEncoder.encode(text(bytes), StandardCharsets.UTF_8);
        answered(api.get(MAPS + "?labelSelector=" + text));
        answered(api.get(MAPS + "?fieldSelector=" + text));
        answered(api.get(MAPS + "?limit=2&continue=" + text));
        answered(api.get(MAPS + "?limit=2&continue=" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)));
        answered(api.get(MAPS + "?limit=" + text));
        answered(api.get(MAPS + "?resourceVersionMatch=Exact&resourceVersion=" + text));
        answered(api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldSelector=" + text));
    }

    @FuzzTest(maxDuration = "20s")
    void bodies(byte[] bytes) {
        String body = text(bytes);
        for (String type : new String[] {"application/json", "application/yaml"}) {
            for (String kind : new String[] {"/api/v1/nodes", MAPS, "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/secrets",
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "/api/v1/namespaces/default/events"}) {
                answered(api.ask("POST", kind + "?dryRun=All", body, "content-type", type));
            }
        }
        for (String type : new String[] {"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
            "application/apply-patch+yaml"}) {
            answered(api.ask("PATCH", "/api/v1/namespaces/default?dryRun=All&fieldManager=f", body, "content-type", type));
        }
        answered(api.ask("DELETE", MAPS + "/missing", body));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void answered(RecordedResponse response) {
        int status = response.status();
        assertTrue(status >= 200 && status != 500 && status < 600 || told(response), () -> status + " " + response.text());
    }

    /** Kubernetes itself answers some wrong numbers with 500. */
    private static boolean told(RecordedResponse response) {
        return response.status() == 500 && !response.text().contains("in the server's log") && !response.text().contains("java.");
    }
}
