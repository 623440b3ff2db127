package io.kelp.kubeapi.internal.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectMetaTest {

    @Test
    void readsWhatUpkeepNeedsAndSkipsTheRest() {
        ObjectMeta meta = read("""
                {"kind":"X","spec":{"metadata":{"uid":"no"},"list":[1,{"uid":"no"}]},
                 "metadata":{"name":"ä","uid":"u","deletionTimestamp":"2030-01-01T00:00:00Z","finalizers":["a","foregroundDeletion"],
                  "labels":{"uid":"no"},"ownerReferences":[
                   {"apiVersion":"v1","kind":"Pod","name":"p","uid":"o","controller":true,"blockOwnerDeletion":true},
                   {"apiVersion":"a/v1","kind":"K","name":"k","uid":"q","blockOwnerDeletion":null}]},
                 "status":{}}""");
        assertEquals(new ObjectMeta("u", true, List.of("a", "foregroundDeletion"), List.of(
                new ObjectMeta.Owner("v1", "Pod", "p", "o", true), new ObjectMeta.Owner("a/v1", "K", "k", "q", false))), meta);
    }

    @Test
    void nullAndMissingAreEmpty() {
        ObjectMeta empty = new ObjectMeta("", false, List.of(), List.of());
        assertEquals(empty, read("{}"));
        assertEquals(empty, read("{\"metadata\":null}"));
        assertEquals(empty, read("{\"metadata\":{\"uid\":null,\"deletionTimestamp\":null,\"ownerReferences\":null,\"finalizers\":null}}"));
    }

    private static ObjectMeta read(String json) {
        return ObjectMeta.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
