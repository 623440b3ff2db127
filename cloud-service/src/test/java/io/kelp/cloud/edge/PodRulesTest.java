package io.kelp.cloud.edge;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.message.MalformedMessageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodRulesTest {

    private static final String MIRROR = """
            {"metadata": {"name": "web-edge", "namespace": "default", "annotations": {"kubernetes.io/config.mirror": "abc"},
              "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "edge", "uid": "1", "controller": true}]},
             "spec": {"nodeName": "edge", "containers": [{"name": "c", "image": "x", "env": [{"name": "A", "value": "b"}]}], "volumes": []}}""";

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"metadata\":{\"uid\":\"a\"},\"status\":{\"phase\":\"Running\"}}",
        "{\"metadata\":{\"uid\":\"a\",\"annotations\":{\"kelp.io/ports\":\"{}\"}},\"status\":{\"$setElementOrder/conditions\":[]}}"})
    void aStatusMayComeWithAnnotations(String patch) {
        assertDoesNotThrow(() -> PodRules.checkStatusPatch(patch));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"spec\":{\"nodeName\":\"x\"}}", "{\"$patch\":\"replace\"}", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}",
        "{\"metadata\":{\"ownerReferences\":[]}}", "{\"metadata\":{\"finalizers\":[]}}", "{\"metadata\":null}", "[]", "{", "",
        "{\"metadata\":{\"$patch\":\"replace\"}}"})
    void anythingElseInAStatusPatchIsRefused(String patch) {
        assertThrows(MalformedMessageException.class, () -> PodRules.checkStatusPatch(patch));
    }

    @Test
    void aDeeplyNestedPatchIsRefusedAndNothingElseHappens() {
        assertThrows(MalformedMessageException.class, () -> PodRules.checkStatusPatch("[".repeat(2_000_000)));
    }

    @Test
    void aMirrorPodOfTheGatewayItselfPasses() {
        assertDoesNotThrow(() -> PodRules.checkMirror(pod(MIRROR), "edge"));
    }

    @Test
    void aPodOfAnotherNodeIsRefused() {
        assertThrows(MalformedMessageException.class, () -> PodRules.checkMirror(pod(MIRROR), "other"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"kubernetes.io/config.mirror\": \"abc\" → ",
        "\"volumes\": [] → \"volumes\": [{\"name\": \"v\", \"secret\": {\"secretName\": \"s\"}}]",
        "\"volumes\": [] → \"volumes\": [{\"name\": \"v\", \"configMap\": {\"name\": \"s\"}}]",
        "\"volumes\": [] → \"volumes\": [{\"name\": \"v\", \"projected\": {\"sources\": [{\"serviceAccountToken\": {\"path\": \"t\"}}]}}]",
        "\"volumes\": [] → \"volumes\": [{\"name\": \"v\", \"persistentVolumeClaim\": {\"claimName\": \"s\"}}]",
        "\"value\": \"b\" → \"valueFrom\": {\"secretKeyRef\": {\"name\": \"s\", \"key\": \"k\"}}",
        "\"volumes\": [] → \"serviceAccountName\": \"admin\"",
        "\"volumes\": [] → \"imagePullSecrets\": [{\"name\": \"s\"}]",
        "\"volumes\": [] → \"resourceClaims\": []",
        "\"kind\": \"Node\", \"name\": \"edge\" → \"kind\": \"ReplicaSet\", \"name\": \"edge\""})
    void aPodThatReachesIntoTheClusterIsRefused(String change) {
        String[] parts = (change + " ").split(" → ");
        String changed = MIRROR.replace(parts[0], parts[1].strip());
        JsonObject pod = pod(changed);
        assertThrows(MalformedMessageException.class, () -> PodRules.checkMirror(pod, "edge"), changed);
    }

    private static JsonObject pod(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }
}
